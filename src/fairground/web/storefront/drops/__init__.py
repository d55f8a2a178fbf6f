"""Drops: today's limited sales, each on its page, and the waiting room before some.

Promises: what a visitor sees of a drop that is announced or open comes from memory.
Begin at: `pages.py`; `showcase.py` is what a web process keeps in memory beside the board, `view.py` makes a drop ready
for its templates, `line.py` is the waiting room, `tickets.py` the cookies with people's tickets.
"""
