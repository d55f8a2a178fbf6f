"""Who was drawn for a jury is told."""

from typing import Final

from fairground.kit.db import Tx
from fairground.kit.events import Subscriber
from fairground.market.accounts.model import PersonId
from fairground.market.accounts.queries import still_here
from fairground.market.justice.events import JurorsDrawn
from fairground.market.notifications.actions import notify


async def tell_jurors(tx: Tx, event: JurorsDrawn) -> None:
    """Tell everybody who has a seat, and until when they are asked."""
    for person_id in sorted(await still_here(tx, event.juror_ids)):
        page = f"/justice/jury/{event.dispute_id}"
        await notify(tx, PersonId(person_id), "jurors.drawn", {"at": event.closes_at}, page)


OF_JURORS: Final = (Subscriber("notifications.tell_jurors", (JurorsDrawn,), tell_jurors),)
