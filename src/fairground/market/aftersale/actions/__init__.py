"""The deeds of after-sale; the only writers of the room's tables.

Locks are taken in one order: the case, then what orders lock (orders → promotions → inventory → payments → ledger).
"""
