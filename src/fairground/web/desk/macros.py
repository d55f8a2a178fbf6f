"""Ready answers of the desk, in both languages."""

from typing import Final

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairground.kit.db import Database, Reader
from fairground.kit.errors import Invalid
from fairground.kit.http.caller import Caller, an_id
from fairground.kit.http.forms import read_form
from fairground.kit.i18n.words import gettext
from fairground.market.service.actions.macros import drop_macro, put_macro
from fairground.market.service.model.tickets import Macro, MacroId, Queue, TicketRules
from fairground.market.service.queries.macros import get_macro, list_macros
from fairground.web.desk.frame import AnyRequest, desk_page
from fairground.web.render import go
from fairground.web.ticket_words import queue_label, queues
from fairground.web.told import Told, tell_fields

HREF: Final = "/desk/macros"


class MacroForm(msgspec.Struct):
    """A ready answer as typed."""

    title: str = ""
    queue: str = ""
    words_en: str = ""
    words_zh: str = ""


class MacrosView(msgspec.Struct, frozen=True):
    """All ready answers, and the form for one of them."""

    macros: list[tuple[Macro, str]]  # with the name of its queue
    action: str
    form: MacroForm
    is_new: bool
    queues: list[tuple[str, str]]
    rules: TicketRules
    errors: Told


@get(HREF, include_in_schema=False)
async def show_macros(
    request: AnyRequest, caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Show the ready answers."""
    caller.need_staff()
    return await _page(request, db, MacroForm())


@get(f"{HREF}/{{macro_id:str}}", include_in_schema=False)
async def show_macro(
    request: AnyRequest, macro_id: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Show one of them for changing."""
    caller.need_staff()
    wanted = an_id(MacroId, macro_id)
    macro = await db.read(lambda reader: get_macro(reader, wanted))
    form = MacroForm(macro.title, macro.queue or "", macro.words_en, macro.words_zh)
    return await _page(request, db, form, wanted)


async def _page(
    request: AnyRequest, db: Database, form: MacroForm, macro_id: MacroId | None = None, errors: Told | None = None
) -> Response[bytes]:
    async def look(reader: Reader) -> MacrosView:
        macros = [(m, queue_label(m.queue) if m.queue else gettext("All queues")) for m in await list_macros(reader)]
        action = HREF if macro_id is None else f"{HREF}/{macro_id}"
        rules = reader.given(TicketRules)
        return MacrosView(macros, action, form, macro_id is None, queues(), rules, errors or Told())

    view, title = await db.read(look), gettext("Ready answers")
    return desk_page(request, "ticket/macros", title=title, view=view, status=422 if errors else 200)


@post(HREF, include_in_schema=False)
async def do_add(
    request: AnyRequest, caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Write a new one."""
    caller.need_staff()
    return await _put(request, caller, db, None)


@post(f"{HREF}/{{macro_id:str}}", include_in_schema=False)
async def do_change(
    request: AnyRequest, macro_id: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Change one."""
    caller.need_staff()
    return await _put(request, caller, db, an_id(MacroId, macro_id))


async def _put(request: AnyRequest, caller: Caller, db: Database, macro_id: MacroId | None) -> Response[bytes]:
    form = await read_form(request, MacroForm)
    queue = Queue(form.queue) if form.queue in set(Queue) else None
    try:
        await db.write(
            caller.actor, lambda tx: put_macro(tx, form.title, form.words_en, form.words_zh, queue, macro_id)
        )
    except Invalid as trouble:
        return await _page(request, db, form, macro_id, tell_fields(trouble))
    return go(request, HREF, say=gettext("Saved."))


@post(f"{HREF}/{{macro_id:str}}/removal", include_in_schema=False)
async def do_drop(
    request: AnyRequest, macro_id: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Throw one away."""
    caller.need_staff()
    wanted = an_id(MacroId, macro_id)
    await db.write(caller.actor, lambda tx: drop_macro(tx, wanted))
    return go(request, HREF, say=gettext("Thrown away."))


HANDLERS: Final = (show_macros, show_macro, do_add, do_change, do_drop)
