"""Lists of conversations, for either side."""

from datetime import datetime

import msgspec

from fairground.web.chat.view import Face


class TalkRow(msgspec.Struct, frozen=True):
    """One line of the list."""

    href: str
    face: Face
    text: str
    at: datetime
    unread: int = 0
    note: str | None = None


class TalksView(msgspec.Struct, frozen=True):
    """The list of conversations, or what a search found; `tabs` `[(href, label, count, current)]`."""

    rows: list[TalkRow]
    q: str
    action: str
    live_href: str
    next_href: str | None = None
    tabs: list[tuple[str, str, int | None, bool]] = []
