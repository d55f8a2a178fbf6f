"""Where the reader came from, within our own pages."""

from typing import Any
from urllib.parse import urlsplit

from litestar import Request

from fairground.web.render import own_path


def came_from(request: Request[Any, Any, Any], default: str = "/") -> str:
    """Tell the page of ours that a form was posted from; anywhere else becomes the default."""
    headers = request.headers
    came = urlsplit(str(headers.get("hx-current-url") or headers.get("referer") or ""))
    if came.netloc.lower() != str(headers.get("host") or "").lower():
        return default
    return own_path(f"{came.path}?{came.query}" if came.query else came.path, default)
