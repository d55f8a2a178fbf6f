"""Against forged requests: a page's deed comes from our own pages, shown by the browser's word and by a token.

Browsers say where a request comes from (`Sec-Fetch-Site`, `Origin`); a foreign one is refused for everybody, which
also keeps a stranger from signing somebody in. Whoever has a session cookie must also carry the session's token.
"""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from fairground.kit.errors import N_, NotAllowed
from fairground.kit.ids import Id

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
FIELD: Final = "csrf"
HEADER: Final = "x-csrf-token"


class ForgedRequest(NotAllowed):
    """The request does not come from our own page, or its token is missing or old."""

    code = "csrf.refused"
    message = N_("This page was open too long, or the request came from elsewhere. Please load the page again.")


def make_token(secret: bytes, session_id: Id) -> str:
    """Make the token of a session."""
    return hmac.new(secret, b"csrf:%d" % session_id, hashlib.sha256).hexdigest()[:40]


def good_token(token: str | None, expected: str) -> bool:
    """Compare in constant time."""
    return bool(token) and hmac.compare_digest(str(token).encode(), expected.encode())


def comes_from_elsewhere(headers: Mapping[str, str], host: str) -> bool:
    """Tell whether the browser itself says that another site sent this."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in {"same-origin", "none"}
    origin = headers.get("origin")
    if origin is None:
        return False
    return origin == "null" or urlsplit(origin).netloc.lower() != host.lower()
