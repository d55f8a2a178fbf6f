"""The cart: what a person, or a guest, considers buying.

Owns: carts and their lines, products kept for later, shops followed.
Promises: a line that cannot be bought is named with its reason and never blocks the others; when the reason goes, the
    line comes back by itself; a guest's cart moves into the person's at sign-in and nothing is counted twice.
Begin at: `view.py`, then `actions.py`.
"""
