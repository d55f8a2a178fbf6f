"""What there is to sell: stock of variants, its moves, and the pieces taken out for claims (orders).

Owns: `inventory.stock`, `inventory.moves`, `inventory.reservations`. Knows ids only, no goods and no orders.
Promises: stock never goes below zero; stock is the sum of its moves; a claim gets all its pieces or none;
a piece is given back once; uncounted stock is never locked and never written.
Begin at: `actions.take`, then `allot.py`, which decides who gets what.
"""
