"""Look together: many small looks at the database, asked one by one, answered by one statement for all.

Nobody waits for company: an idle one looks at once. While a look is under way the next askers gather, so that a busy
process asks the database once for thirty callers instead of thirty times.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Generic, TypeAlias, TypeVar

Asked = TypeVar("Asked")
Found = TypeVar("Found")
Look: TypeAlias = Callable[[Sequence[Asked]], Awaitable[Sequence[Found]]]
LANES: Final = 1  # a second one halves the company of each look, and every look costs the same
MOST: Final = 200


class Together(Generic[Asked, Found]):
    """Answers `ask(one)` from `look(all that are asked for)`, whose answers stand in the order of the asked."""

    def __init__(self, look: Look[Asked, Found]) -> None:
        self._look = look
        self._waiting: list[tuple[Asked, asyncio.Future[Found]]] = []
        self._under_way: set[asyncio.Task[None]] = set()
        self.looks = 0

    async def ask(self, asked: Asked) -> Found:
        """Find one; whatever the look raises is raised here."""
        answer: asyncio.Future[Found] = asyncio.get_running_loop().create_future()
        self._waiting.append((asked, answer))
        self._take_up()
        return await answer

    def _take_up(self) -> None:
        if len(self._under_way) < LANES and self._waiting:
            batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            task = asyncio.create_task(self._answer(batch))
            self._under_way.add(task)
            task.add_done_callback(self._done)

    def _done(self, task: "asyncio.Task[None]") -> None:
        self._under_way.discard(task)
        self._take_up()

    async def _answer(self, batch: list[tuple[Asked, asyncio.Future[Found]]]) -> None:
        self.looks += 1
        try:
            found = await self._look([asked for asked, _ in batch])
        except Exception as trouble:  # noqa: BLE001 - told to each of those who asked
            for _, answer in batch:
                if not answer.done():
                    answer.set_exception(trouble)
            return
        for (_, answer), one in zip(batch, found, strict=True):
            if not answer.done():
                answer.set_result(one)
