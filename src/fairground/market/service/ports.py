"""What the attendant may ask the outside world, where the operator wants it: both are off by default."""

from collections.abc import Sequence
from typing import Protocol

from fairground.market.service.model.answers import Passage, Quote


class Embedder(Protocol):
    """Turns sentences into vectors, so that a question finds an answer in other words."""

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """Give one vector for each text.

        Raises:
            Unavailable: the service does not answer, or not with vectors.
        """
        ...

    async def close(self) -> None:
        """Let go of the connections."""
        ...


class LanguageModel(Protocol):
    """Chooses from found passages the words that answer; it may only quote, and what it makes up is thrown away."""

    async def choose(self, question: str, passages: Sequence[Passage]) -> list[Quote]:
        """Give quotes from the passages.

        Raises:
            Unavailable: the service does not answer, or not in the form that was asked for.
        """
        ...

    async def close(self) -> None:
        """Let go of the connections."""
        ...
