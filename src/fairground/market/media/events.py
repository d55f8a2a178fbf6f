"""What came of pictures that were asked for. The address is the merchant's own, from their file."""

from fairground.kit.events import Event
from fairground.kit.ids import Id
from fairground.market.media.model import FetchId, MediaId


class PictureFetched(Event, frozen=True, kw_only=True):
    """A picture was fetched and stands ready for the asker."""

    asked_by: Id
    fetch_id: FetchId
    media_id: MediaId
    address: str

    @property
    def subject(self) -> Id:
        """Who asked."""
        return self.asked_by


class PictureFailed(Event, frozen=True, kw_only=True):
    """A picture could not be fetched, and will not be tried again; `code` is that of the trouble."""

    asked_by: Id
    fetch_id: FetchId
    address: str
    code: str

    @property
    def subject(self) -> Id:
        """Who asked."""
        return self.asked_by
