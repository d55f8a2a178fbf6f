"""Reading what was decided, by subject: one file each."""
