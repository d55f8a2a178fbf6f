"""The cart's page and what is done on it.

Begin at: `pages.py`; `owner.py` tells whose cart it is, `parts.py` makes it ready for the template.
"""
