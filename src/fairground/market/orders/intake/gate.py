"""The gate before the intake: what can be answered from memory never comes to the database.

Of a drop that is sold out, of whom it is not the turn in a waiting room, and of whoever asks too often.
"""

from fairground.kit.db import Database
from fairground.kit.ids import Id
from fairground.kit.rate_limit import RateScale
from fairground.kit.seal import Keyring
from fairground.market.orders.errors import OutOfStock
from fairground.market.orders.intake.prepared import Arrival
from fairground.market.promotions.board import Board
from fairground.market.promotions.damping import Damper
from fairground.market.promotions.model import DropRules
from fairground.market.promotions.turns import check_turn


class Gate:
    """Looks at arrivals before they are gathered; those without drop goods go through untouched."""

    def __init__(self, db: Database) -> None:
        self._board = db.given(Board)
        self._clock = db.clock
        self._keyring = db.given(Keyring)
        self._damper = Damper(db.given(DropRules), db.given(RateScale))

    def pass_or_refuse(self, arrival: Arrival) -> None:
        """Let an arrival go on to the intake, which decides in the end.

        Only lines that stand in the request itself are looked at: what lies in the cart the database knows.

        Raises:
            TooMany, OutOfStock, NotYourTurn, TicketInvalid
        """
        now = self._clock.now()
        if not self._board.faces() or not self._board.knows(now):
            return
        offers = [self._board.price_of(line.variant_id, now) for line in arrival.request.lines or ()]
        found = [offer for offer in offers if offer is not None]
        if not found and not arrival.request.tickets:
            return
        self._damper.check_out(arrival.person_id, arrival.address)
        gone = [o for o in found if self._board.is_sold_out(o.goods.variant_id, now, arrival.person_id)]
        if gone:
            raise OutOfStock(variants=[{"variant_id": str(int(o.goods.variant_id)), "left": 0} for o in gone])
        for offer in found:
            ticket = arrival.request.tickets.get(str(int(offer.drop.id)))
            check_turn(self._keyring, offer.drop, offer.room, Id(arrival.person_id), ticket, now)
