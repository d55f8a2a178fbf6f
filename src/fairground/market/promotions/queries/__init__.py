"""Looks at coupons and drops."""
