"""What an import does when one of its pictures came, or did not."""

from fairground.kit.events import Subscriber
from fairground.market.catalog.exchange.pictures import note_failed, place_pictures
from fairground.market.media.events import PictureFailed, PictureFetched


def subscribers() -> list[Subscriber]:
    """List what imports listen to."""
    return [
        Subscriber("catalog.place_pictures", (PictureFetched,), place_pictures, batch=True),
        Subscriber("catalog.note_failed_pictures", (PictureFailed,), note_failed),
    ]
