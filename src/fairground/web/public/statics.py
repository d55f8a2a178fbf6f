"""Static things from memory, and the language switch."""

from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath

from fairground.kit.errors import NotFound
from fairground.web.assets import get_asset


@get("/static/{path:path}", include_in_schema=False)
async def show_static(request: Request[Any, Any, Any], path: FromPath[str]) -> Response[bytes]:
    """Answer a static thing; an address with a hash may be kept for ever."""
    asset = get_asset(f"/static/{path.lstrip('/')}")
    if asset is None:
        raise NotFound
    headers = {"cache-control": "public, max-age=31536000, immutable", "etag": asset.etag, "vary": "accept-encoding"}
    if request.headers.get("if-none-match") == asset.etag:
        return Response(b"", status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(asset.gzip, media_type=asset.content_type, headers={**headers, "content-encoding": "gzip"})
    return Response(asset.body, media_type=asset.content_type, headers=headers)


@get("/openapi.json", include_in_schema=False)
async def show_openapi(request: Request[Any, Any, Any]) -> Response[dict[str, Any]]:
    """Describe all of the API (OpenAPI 3.1)."""
    return Response(request.app.openapi_schema.to_schema(), headers={"cache-control": "public, max-age=300"})
