"""The garbage collector of a process that serves for weeks: what is there after the start is looked at no more."""

import gc
from typing import Final

# Objects made and not yet dropped before a look at the youngest; Python's own 700 looks dozens of times in one batch
# of checkouts, whose objects are all alive until it is committed.
YOUNG: Final = 50_000


def settle() -> None:
    """Leave out of every later collection what the start has made; call once, when it is over."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 20, 50)
