"""The deeds that move orders; the only writers of the room's tables beside the intake.

Locks are taken in one order: payments → orders → promotions → inventory → ledger. The intake begins at promotions,
for the orders it writes are nobody else's yet.
"""
