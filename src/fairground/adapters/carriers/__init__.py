"""Carriers the market can ask: the sandbox's, whose parcels travel by the clock."""
