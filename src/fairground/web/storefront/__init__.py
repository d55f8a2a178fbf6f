"""Pages of the fair itself."""
