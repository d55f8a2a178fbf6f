"""A buyer's after-sale cases: opening one, the list, one case with its timeline and answers.

Begin at: `opening.py` (what is wrong with an order), then `pages.py`.
"""
