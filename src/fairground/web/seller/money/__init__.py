"""A shop's money: what is held, there, under way and paid out; statements, payouts, the bank account.

Begin at: `statement.py` (how the books become lines), `pages.py`, `bank.py`.
"""
