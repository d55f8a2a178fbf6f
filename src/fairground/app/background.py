"""The worker process."""

import asyncio
import signal

from fairground.app.logs import set_up_logs
from fairground.app.memory import settle
from fairground.app.outfit import open_outfit
from fairground.app.settings import Settings
from fairground.app.wiring import duties
from fairground.app.worker import Worker
from fairground.market.search.feed import feeding


async def work_until_told(settings: Settings) -> None:
    """Do the background work until SIGINT or SIGTERM."""
    set_up_logs(settings.log_level)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for told in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(told, stop.set)
    async with open_outfit(settings, "work") as outfit, feeding(outfit.db, outfit.index_folder):
        worker = Worker(outfit.db, duties(outfit))
        settle()
        await worker.run(stop)
