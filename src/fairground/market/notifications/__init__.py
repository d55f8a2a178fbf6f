"""Letters to people: on the site, with a bell, and by mail.

Owns: letters, their kinds and texts, who does not want which by mail.
Promises: a letter is written in its reader's language at the moment it is read or sent; what concerns the safety of
    an account always goes by mail; every other one carries its own way to stop it; links lead to the market's address.
Begin at: `model/` (the tables of kinds), then `actions.py`; `subscribers/` says who hears of what.
"""
