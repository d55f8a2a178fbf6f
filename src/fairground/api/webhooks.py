"""Webhooks of payment gateways: verified by the gateway's own reading, then carried out all together."""

import asyncio
from typing import Any

from litestar import Request, Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairground.kit.errors import NotFound
from fairground.market.orders.intake.gather import Till
from fairground.market.payments.jobs import Gateways

MOST_BYTES = 2_000_000


@post("/webhooks/payments/{gateway:str}", include_in_schema=False, request_max_body_size=MOST_BYTES)
async def take_webhook(
    request: Request[Any, Any, Any],
    till: NamedDependency[Till],
    gateways: NamedDependency[Gateways],
    gateway: FromPath[str],
) -> Response[dict[str, Any]]:
    """Take notices of payments; answered with 2xx only when they are durable, so that the gateway sends them again.

    Notices of any age, order and number do no harm: each is carried out once.
    """
    known = gateways.get(gateway)
    if known is None:
        raise NotFound
    headers = {name.lower(): value for name, value in request.headers.items()}
    notices = known.read_webhook(headers, await request.body())
    await asyncio.gather(*(till.ask(notice) for notice in notices))
    return Response({"taken": len(notices)}, status_code=200)


HANDLERS = [take_webhook]
