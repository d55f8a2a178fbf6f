"""Choosing a language."""

from typing import Any

import msgspec
from litestar import Request, Response, post
from litestar.datastructures import Cookie
from litestar.di import NamedDependency

from fairground.kit.db import Database
from fairground.kit.errors import N_, invalid
from fairground.kit.http.caller import Caller
from fairground.kit.http.forms import read_form
from fairground.kit.i18n.words import known
from fairground.market.accounts.actions.profile import change_profile
from fairground.market.accounts.model import PersonId
from fairground.web.render import go, own_path, pages_of

LANGUAGE = "fg_language"


class LanguageForm(msgspec.Struct):
    """The form in the head of every page."""

    language: str
    next: str | None = None


@post("/language", include_in_schema=False)
async def choose(
    request: Request[Any, Any, Any], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Remember the language: for a person in the account, for everybody in a cookie."""
    form = await read_form(request, LanguageForm)
    language = known(form.language)
    if language is None:
        raise invalid("/language", "unknown", N_("We speak Chinese and English."))
    if caller.person_id is not None:
        person_id = PersonId(caller.person_id)
        await db.write(caller.actor, lambda tx: change_profile(tx, person_id, language=language))
    answer = go(request, own_path(form.next))
    secure = pages_of(request).secure_cookies
    answer.set_cookie(
        Cookie(key=LANGUAGE, value=language, max_age=31_536_000, path="/", samesite="lax", secure=secure, httponly=True)
    )
    return answer
