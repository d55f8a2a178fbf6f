"""Deeds with coupons: a seller's, taking one, using and returning them."""
