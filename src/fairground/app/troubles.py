"""How trouble is told: a problem document to programs, a kind page to people, the same facts in both."""

from typing import Any, Final
from urllib.parse import quote

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, NotAuthorizedException

from fairground.kit.errors import N_, Invalid, NotFound, NotSignedIn, TooMany, Trouble, Unavailable, invalid
from fairground.kit.http.forms import Malformed
from fairground.kit.http.problems import field_problems, problem_of, status_of
from fairground.kit.i18n.words import gettext, say
from fairground.web.render import go, page, wants_part

log = structlog.get_logger(__name__)
PROBLEM: Final = "application/problem+json"


class WrongMethod(Trouble):
    """The address exists, but not for this method."""

    code = "method_not_allowed"
    message = N_("This address does not answer that kind of request.")


class TooLarge(Invalid):
    """The body is larger than this address takes."""

    code = "too_large"
    message = N_("That is too large for us to take.")


class Broken(Trouble):
    """A broken promise of our own."""

    code = "internal"
    message = N_("Something on our side broke. Nothing was half done; we have noted it.")


def tell(request: Request[Any, Any, Any], trouble: Trouble) -> Response[Any]:
    """Answer with a trouble, in the form the asker understands."""
    if _is_program(request):
        status, headers, body = problem_answer(trouble)
        return Response(body, status_code=status, media_type=PROBLEM, headers=headers)
    status, headers = _head_of(trouble)
    if isinstance(trouble, NotSignedIn):
        return go(request, f"/sign-in?next={_here(request)}")
    return page(
        request,
        "_layout/trouble.html",
        title=_title(status),
        status=status,
        headers=headers,
        text=say(trouble.message, trouble.params),
        fields=[(problem.pointer.lstrip("/"), problem.message) for problem in field_problems(trouble)],
        trouble_status=status,
    )


def problem_answer(trouble: Trouble) -> tuple[int, dict[str, str], bytes]:
    """Give status, headers and body of a problem document."""
    status, headers = _head_of(trouble)
    return status, headers, msgspec.json.encode(problem_of(trouble) | {"status": status})


def _head_of(trouble: Trouble) -> tuple[int, dict[str, str]]:
    status = {WrongMethod: 405, Broken: 500}.get(type(trouble)) or status_of(trouble)
    headers = {"cache-control": "no-store"}
    if isinstance(trouble, TooMany | Unavailable):
        headers["retry-after"] = str(trouble.retry_after)
    return status, headers


def _is_program(request: Request[Any, Any, Any]) -> bool:
    # htmx shows the detail of a problem as a toast.
    return request.scope["path"].startswith(("/api/", "/webhooks/", "/health/")) or wants_part(request)


def _here(request: Request[Any, Any, Any]) -> str:
    path = request.scope["path"] if request.method == "GET" else "/"
    query = request.scope["query_string"].decode("latin-1")
    return quote(f"{path}?{query}" if query and request.method == "GET" else path, safe="/")


def _title(status: int) -> str:
    return {
        403: gettext("That is not yours to do"),
        404: gettext("Nothing here"),
        409: gettext("The world moved on"),
        422: gettext("Please look again"),
        429: gettext("A little slower, please"),
        503: gettext("Back in a moment"),
    }.get(status, gettext("That did not work"))


def on_trouble(request: Request[Any, Any, Any], trouble: Trouble) -> Response[Any]:
    """Tell an expected trouble."""
    return tell(request, trouble)


def on_http_exception(request: Request[Any, Any, Any], exception: HTTPException) -> Response[Any]:
    """Tell in our own form what Litestar found wrong."""
    status = exception.status_code
    if isinstance(exception, NotAuthorizedException):
        return tell(request, NotSignedIn())
    if status == 405:
        answer = tell(request, WrongMethod())
        answer.headers["allow"] = (exception.headers or {}).get("allow", "")
        return answer
    known: dict[int, type[Trouble]] = {404: NotFound, 413: TooLarge}
    if status in known:
        return tell(request, known[status]())
    extra = getattr(exception, "extra", None)
    if isinstance(extra, list) and extra and isinstance(extra[0], dict):
        if extra[0].get("source") == "path":
            return tell(request, NotFound())
        pointer = "/" + str(extra[0].get("key", "")).replace(".", "/").replace("[", "/").replace("]", "")
        words = N_("This has the wrong form (%(why)s).")
        return tell(request, invalid(pointer, "type", words, why=str(extra[0].get("message", ""))))
    log.info("not understood", path=request.scope["path"], status=status, detail=exception.detail)
    return tell(request, Malformed())


def on_unexpected(request: Request[Any, Any, Any], exception: Exception) -> Response[Any]:
    """Note a broken promise of our own, and say so without details."""
    log.error("broken", path=request.scope["path"], method=request.method, exc_info=exception)
    return tell(request, Broken())
