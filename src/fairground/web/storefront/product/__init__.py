"""A product's page.

Begin at: `pages.py`; `view.py` says what is shown, `choice.py` which variant is meant, `meta.py` what programs read.
"""
