"""A shuffle that nobody has to keep: where a place goes is computed from a seed, one place at a time.

A Feistel network over a grid of `side × side ≥ count` places, walked on until it lands inside (Black and Rogaway,
"Ciphers with Arbitrary Finite Domains", 2002). It is a permutation for any seed, because each round can be undone.
"""

import hashlib
import math
from typing import Final

ROUNDS: Final = 6


def shuffled(place: int, count: int, seed: bytes) -> int:
    """Give the place (from 0) to which a place out of `count` is moved under a seed."""
    assert 0 <= place < count, "a place out of those there are"
    side = math.isqrt(count - 1) + 1
    while True:  # less than 4 steps on average: the grid has at most (√count + 1)² places
        place = _mixed(place, side, seed)
        if place < count:
            return place


def _mixed(place: int, side: int, seed: bytes) -> int:
    left, right = divmod(place, side)
    for turn in range(ROUNDS):
        digest = hashlib.blake2b(b"%d.%d" % (turn, right), key=seed, digest_size=8).digest()
        left, right = right, (left + int.from_bytes(digest)) % side
    return left * side + right
