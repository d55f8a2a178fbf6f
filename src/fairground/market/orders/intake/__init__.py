"""How orders come in: prepared one by one or many at once, committed together.

Owns: nothing of its own; writes what the room owns.
Promises: a checkout is all or nothing and happens once for its key; of many who want the last piece the first by
    arrival get it; a bad checkout does not harm its neighbours; past its bounds the intake says so at once.
Begin at: `gather.py` (`make_intake`), then `prepare.py`, `commit.py`, `write.py`.
"""
