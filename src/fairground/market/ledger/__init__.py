"""The books: double-entry accounts and the transfers between them.

Owns: accounts with their balances; transfers, which are never changed and never removed.
Promises: every transfer moves one amount between two accounts of one bucket, once per key; balances equal the sum of
    the entries; the sum over all accounts of a currency is zero; money held, a shop's balance, a payout under way and
    what is owed to buyers never fall below their floor (the database refuses).
Begin at: `model.py` for the sign of a balance, then `actions.post`.
"""
