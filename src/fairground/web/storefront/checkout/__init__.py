"""Checking out on one page: where to, how, the final price first, and one button.

Begin at: `pages.py`; `wish.py` reads what the form asks for, `view.py` makes the quote ready for the template.
"""
