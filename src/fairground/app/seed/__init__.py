"""Bulk data for measuring: shops, products, buyers and orders, by the rooms' own set-based writers.

Owns: nothing; fills what the rooms own.
Promises: the same content for the same numbers; the books are clean afterwards; nobody gets a letter.
Begin at: `fill.py`.
"""
