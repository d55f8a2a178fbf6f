"""The bell: letters on the site, and which come by mail."""

from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairground.kit.db import Database, Reader
from fairground.kit.http.caller import Caller, an_id
from fairground.kit.http.forms import form_of, read_form
from fairground.kit.i18n.words import gettext
from fairground.market.notifications.actions import choose_mail, mark_all_read, mark_read, stop_mail
from fairground.market.notifications.errors import StopLinkNotGood
from fairground.market.notifications.model import LetterId, LetterShown, Preference, stoppable_kinds
from fairground.market.notifications.queries import count_unread, get_letter, list_letters, list_preferences
from fairground.web.render import go, page
from fairground.web.storefront.account.overview import ConfirmView, TokenForm, confirm_page, person_of

AnyRequest = Request[Any, Any, Any]
PAGE: Final = "/account/letters"


class LettersView(msgspec.Struct, frozen=True):
    """Letters, the newest first, and what comes by mail."""

    letters: list[LetterShown]
    unread: int
    next_href: str | None
    choices: list[Preference]

    @property
    def choice_options(self) -> list[tuple[str, str]]:
        """What may be ticked, as (kind, label)."""
        return [(choice.kind, choice.label) for choice in self.choices]

    @property
    def chosen(self) -> list[str]:
        """What is ticked."""
        return [choice.kind for choice in self.choices if choice.by_mail]


@get(PAGE, include_in_schema=False)
async def show_letters(
    request: AnyRequest, caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Show the letters."""
    person_id, after = person_of(caller), request.query_params.get("after")

    async def look(reader: Reader) -> LettersView:
        found = await list_letters(reader, person_id, after=after)
        next_href = f"{PAGE}?after={found.next}" if found.next else None
        unread = await count_unread(reader, person_id)
        return LettersView(found.items, unread, next_href, await list_preferences(reader, person_id))

    view = await db.read(look)
    return page(request, "storefront/account/letters.html", title=gettext("Letters"), view=view)


@post("/account/letters/{letter_id:str}/open", include_in_schema=False)
async def do_open(
    request: AnyRequest, letter_id: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Note that a letter was read, and go where it leads."""
    person_id, opened = person_of(caller), an_id(LetterId, letter_id)
    await db.write(caller.actor, lambda tx: mark_read(tx, person_id, opened))
    letter = await db.read(lambda reader: get_letter(reader, person_id, opened))
    return go(request, letter.link or PAGE)


@post("/account/letters/read", include_in_schema=False)
async def do_read_all(
    request: AnyRequest, caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Note that all letters were read."""
    person_id = person_of(caller)
    await db.write(caller.actor, lambda tx: mark_all_read(tx, person_id))
    return go(request, PAGE)


@post("/account/letters/choices", include_in_schema=False)
async def do_choose(
    request: AnyRequest, caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Say which letters are to come by mail: the ticked ones."""
    person_id, form = person_of(caller), await form_of(request)
    ticked = {str(value) for value in form.getall("by_mail", [])}

    async def choose(tx: Any) -> None:
        for kind in stoppable_kinds():
            await choose_mail(tx, person_id, kind.name, by_mail=kind.name in ticked)

    await db.write(caller.actor, choose)
    return go(request, PAGE, say=gettext("Saved."))


@get("/account/letters/stop", include_in_schema=False)
async def show_stop(request: AnyRequest) -> Response[bytes]:
    """Ask for one press before a kind of letter is stopped."""
    return confirm_page(
        request,
        ConfirmView(
            "/account/letters/stop",
            gettext("Fewer letters"),
            gettext("One press, and letters like this one do not come by mail any more. The site still shows them."),
            gettext("Stop them"),
            request.query_params.get("token", ""),
        ),
    )


@post("/account/letters/stop", include_in_schema=False)
async def do_stop(
    request: AnyRequest, caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Stop a kind of letter; also by the mail program's own button, which sends the token in the address (RFC 8058)."""
    form = await read_form(request, TokenForm)
    token = form.token or request.query_params.get("token", "")
    try:
        label = await db.write(caller.actor, lambda tx: stop_mail(tx, token))
    except StopLinkNotGood as trouble:
        return go(request, "/", say=gettext(trouble.message), kind="mind")
    words = gettext("Letters of this kind do not come by mail any more: %(label)s")
    return go(request, "/", say=words % {"label": gettext(label)})


HANDLERS = (show_letters, show_stop, do_stop, do_read_all, do_choose, do_open)
