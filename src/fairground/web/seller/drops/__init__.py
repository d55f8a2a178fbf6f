"""A shop's drops: planned on one form, announced, stopped, and how they went.

Begin at: `pages.py` (list and one drop), `form.py` (planning); `view.py` makes drops ready for the templates.
"""
