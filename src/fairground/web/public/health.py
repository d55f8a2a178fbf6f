"""Health: is the process alive, and can it serve."""

from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency

from fairground.kit.db import Database
from fairground.kit.errors import Unavailable


@get("/health/live", include_in_schema=False)
async def show_live() -> Response[dict[str, str]]:
    """Answer as long as the process does."""
    return Response({"status": "alive"}, headers={"cache-control": "no-store"})


@get("/health/ready", include_in_schema=False)
async def show_ready(db: NamedDependency[Database]) -> Response[dict[str, Any]]:
    """Answer 200 when the database answers, 503 when it does not."""
    try:
        await db.read(lambda reader: reader.value("select 1"))
    except Unavailable:
        return Response(
            {"status": "waiting", "database": False}, status_code=503, headers={"cache-control": "no-store"}
        )
    return Response({"status": "ready", "database": True}, headers={"cache-control": "no-store"})
