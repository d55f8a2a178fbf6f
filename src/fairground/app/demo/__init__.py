"""The demo fair: some twelve shops and 140 things, drawn in code, with buyers, orders in every state and reviews.

Owns: `fair.txt` (all of it made up), and the story of three weeks at the fair.
Promises: everything goes through the same deeds as in a real market, so that the books are clean; only an empty market
    is filled.
Begin at: `fill.py`.
"""
