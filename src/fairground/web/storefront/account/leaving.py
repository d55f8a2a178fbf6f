"""Take one's data along, and close the account."""

from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency

from fairground.kit.db import Database
from fairground.kit.errors import Invalid, TooMany
from fairground.kit.http.caller import Caller
from fairground.kit.http.cookies import no_session
from fairground.kit.http.forms import read_form
from fairground.kit.i18n.words import gettext
from fairground.market.accounts.actions.closing import Leaving, close_account, export_personal_data
from fairground.market.accounts.actions.sign_in import confirm_password
from fairground.market.accounts.errors import SomethingOpen
from fairground.web.render import go, page, pages_of
from fairground.web.storefront.account.overview import person_of
from fairground.web.told import Told, tell_fields

AnyRequest = Request[Any, Any, Any]


class CloseForm(msgspec.Struct):
    """The password, told again."""

    password: str = ""


class CloseView(msgspec.Struct, frozen=True):
    """The page to close the account."""

    errors: Told = Told()


@get("/account/data", include_in_schema=False)
async def show_data(caller: NamedDependency[Caller], db: NamedDependency[Database]) -> Response[bytes]:
    """Give all that is known about the person as a file."""
    person_id, exporters = person_of(caller), db.given(Leaving).exporters
    known = await db.read(lambda reader: export_personal_data(reader, person_id, exporters))
    headers = {"content-disposition": 'attachment; filename="my-data.json"', "cache-control": "no-store"}
    body = msgspec.json.format(msgspec.json.encode(known), indent=2)
    return Response(body, media_type="application/json", headers=headers)


@get("/account/close", include_in_schema=False)
async def show_close(request: AnyRequest, caller: NamedDependency[Caller]) -> Response[bytes]:
    """Show what closing means, and ask for the password."""
    person_of(caller)
    return _close_page(request, CloseView())


def _close_page(request: AnyRequest, view: CloseView, status: int = 200) -> Response[bytes]:
    return page(request, "storefront/account/close.html", title=gettext("Close my account"), status=status, view=view)


@post("/account/close", include_in_schema=False)
async def do_close(
    request: AnyRequest, caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Close the account."""
    person_id, form = person_of(caller), await read_form(request, CloseForm)
    hindrances = db.given(Leaving).hindrances
    try:
        await confirm_password(db, person_id, form.password, network=caller.address)
        await db.write(caller.actor, lambda tx: close_account(tx, person_id, hindrances))
    except (Invalid, TooMany) as trouble:
        status = 429 if isinstance(trouble, TooMany) else 422
        return _close_page(request, CloseView(tell_fields(trouble, "password")), status)
    except SomethingOpen as trouble:
        return _close_page(request, CloseView(tell_fields(trouble)), 409)
    answer = go(request, "/", say=gettext("Your account is closed. Thank you for having been here."))
    answer.set_cookie(no_session(secure=pages_of(request).secure_cookies))
    return answer


HANDLERS = (show_data, show_close, do_close)
