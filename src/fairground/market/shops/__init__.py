"""Shops: stalls that anybody may open, malls whose business was checked, and the people who work there.

Owns: `shops.shops`, its directory by slug, staff and memberships, applications for approval and for the mall badge.
Promises: a slug names one shop for ever; a shop always has an owner; a stranger cannot tell a shop's inside from
nothing; business numbers are sealed and checked; what the desk decides has a reason and leaves a log.
Begin at: `model.py` (the states), then `actions/opening.py`, `policy.py`.
"""
