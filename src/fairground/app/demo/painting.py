"""Pictures of the demo fair: drawn in code, in processes of their own, since drawing keeps a core busy."""

import asyncio
import multiprocessing
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import asynccontextmanager
from typing import Final

from fairground.app.demo.reading import Look
from fairground.kit.art import BACKDROPS, draw, to_png
from fairground.kit.images import Picture, read_picture

QUICK: Final = 400  # pixels: enough for the first look, drawn before the market opens
FINE: Final = 800
PAINTERS: Final = 2


class Studio:
    """Some painters who work side by side."""

    def __init__(self, pool: ProcessPoolExecutor) -> None:
        self._pool = pool

    async def paint(self, looks: Sequence[tuple[Look, bool]], size: int) -> list[Picture]:
        """Paint what is asked for, each as (look, near)."""
        loop = asyncio.get_running_loop()
        return list(
            await asyncio.gather(*(loop.run_in_executor(self._pool, paint, look, near, size) for look, near in looks))
        )


@asynccontextmanager
async def open_studio(painters: int = PAINTERS) -> AsyncIterator[Studio]:
    """Open a studio; its painters go home at the end."""
    # Spawned, not forked: this process has threads and open connections.
    with ProcessPoolExecutor(painters, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield Studio(pool)


def paint(look: Look, near: bool, size: int) -> Picture:
    """Paint one picture (in a painter's process)."""
    svg = draw(look.kind, palette=look.palette, pattern=look.pattern, backdrop=look.backdrop, near=near)
    return read_picture(to_png(svg, size))


def further_looks(look: Look, palettes: Sequence[str]) -> list[tuple[Look, bool]]:
    """Think of further pictures of a thing: from near, elsewhere, and in its other colours."""
    backdrops = sorted(BACKDROPS)
    elsewhere = backdrops[(backdrops.index(look.backdrop) + 3) % len(backdrops)]
    return [
        (look, True),
        (Look(look.kind, look.palette, look.pattern, elsewhere), False),
        *((Look(look.kind, palette, look.pattern, look.backdrop), False) for palette in palettes[1:]),
    ]
