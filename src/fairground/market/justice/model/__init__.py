"""Justice as values, by subject: one file each."""
