"""Languages: English in the source, every text in Chinese too.

Owns: the catalogues below `locale/`, the language of the current task, formats of money, numbers and dates.
Promises: a text without a translation is shown in English; a house test allows none.
Begin at: `words.py`, then `formats.py`.
"""
