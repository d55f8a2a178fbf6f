"""Deeds of delivery: a shop's template, parcels, what carriers tell."""
