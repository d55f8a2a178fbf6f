"""What people were told: letters on the site, and mail at a real mail server."""

from collections.abc import Sequence

from fairground.kit.db import Database
from fairground.kit.i18n.words import speaking
from fairground.kit.ids import Id
from fairground.kit.mail import Mailer
from fairground.market.accounts.model import PersonId
from fairground.market.notifications.jobs import jobs
from fairground.market.notifications.model import LetterShown
from fairground.market.notifications.queries import list_letters
from tests.support.jobs import work_off
from tests.support.world import pump


async def told(db: Database, person_id: Id, *, language: str = "en") -> Sequence[LetterShown]:
    """Let the news travel and give what the bell of somebody shows, the latest first."""
    await pump(db)
    with speaking(language):  # type: ignore[arg-type]
        return (await db.read(lambda r: list_letters(r, PersonId(person_id), limit=100))).items


async def kinds_told(db: Database, person_id: Id) -> list[str]:
    """Name what somebody was told, the earliest first."""
    return [letter.kind for letter in reversed(await told(db, person_id))]


async def send_mail(db: Database, mailer: Mailer) -> None:
    """Let the news travel and the mail go out, also what waits for company."""
    await pump(db)
    await work_off(db, jobs(db, mailer), also_delayed=True)
