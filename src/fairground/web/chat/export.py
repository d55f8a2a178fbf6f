"""A conversation as a text to keep: who, when, what."""

from collections.abc import Sequence

from litestar import Response

from fairground.kit.i18n import formats
from fairground.kit.i18n.words import gettext
from fairground.kit.ids import Id
from fairground.kit.place import Place
from fairground.market.service.model.chat import Message, Side
from fairground.web.chat.view import Faces, bubble


def transcript(messages: Sequence[Message], faces: Faces, place: Place) -> Response[bytes]:
    """Answer with a text file."""
    zone = formats.zone(place.time_zone)
    lines = [
        gettext("%(person)s with %(house)s") % {"person": faces.person.name, "house": faces.house.name},
        f"{place.url}",
        "",
    ]
    for message in messages:
        shown = bubble(message, faces)
        name = shown.name if message.side is Side.HOUSE else faces.person.name
        lines.append(f"[{formats.date_time(message.sent_at, zone)}] {name}:")
        if shown.text:
            lines += [f"  {line}" for line in shown.text.split("\n")]
        if shown.card is not None:
            lines.append(f"  → {shown.card.title} · {formats.money(shown.card.price)} · {place.url}{shown.card.href}")
        lines += [f"  → {place.url}{_picture(picture)}" for picture in message.pictures]
    headers = {
        "content-disposition": 'attachment; filename="messages.txt"', "cache-control": "private, no-store",
    }  # fmt: skip
    return Response("\n".join(lines).encode() + b"\n", media_type="text/plain; charset=utf-8", headers=headers)


def _picture(picture: Id) -> str:
    return f"/media/{picture}/1600.webp"
