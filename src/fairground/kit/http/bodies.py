"""JSON bodies, read strictly.

Litestar decodes a declared body leniently ("1" passes for 1) and names its fields in its own way. Before it does, the
body is held against the same struct strictly, so that money sent as text is refused, with a pointer to it.
"""

from functools import lru_cache
from typing import Any

import msgspec
from litestar import Request
from litestar.handlers import HTTPRouteHandler

from fairground.kit.http.forms import Malformed, convert


async def check_body(request: Request[Any, Any, Any]) -> None:
    """Refuse a JSON body that does not fit what the handler declares.

    Raises:
        Malformed, Invalid
    """
    kind = _declared(request.route_handler)
    if kind is None:
        return
    content_type = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if content_type != "application/json" and not content_type.endswith("+json"):
        raise Malformed
    body = await request.body()
    try:
        data = msgspec.json.decode(body or b"{}")
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as trouble:
        raise Malformed from trouble
    convert(data, kind)


@lru_cache(maxsize=1024)
def _declared(handler: HTTPRouteHandler) -> Any:
    field = handler.parsed_fn_signature.parameters.get("data")
    if field is None or "multipart" in str(getattr(field.kwarg_definition, "media_type", "")):
        return None
    return field.annotation
