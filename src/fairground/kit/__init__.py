"""Ground floor: what any program of this kind needs, without a word of the market.

Owns: the database, events, deadlines, jobs, money, ids, the clock, error kinds, languages.
Promises: a transaction has one moment and one actor; an event is delivered at least once; money keeps its sum.
Begin at: `db.py`.
"""
