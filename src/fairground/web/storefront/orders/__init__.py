"""A buyer's orders: the list with what to do next, one order with its road, its money and its parcels, and the deeds.

Begin at: `pages.py`; `view.py` makes an order ready for its template.
"""
