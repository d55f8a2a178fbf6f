"""A shop's orders: what to ship by when, one order with its money and its parcels, papers, lists of shipments.

Begin at: `rows.py` (a line of the list), `pages.py`; `view.py` makes one order ready for its template.
"""
