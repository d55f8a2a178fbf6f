"""What the market decides, by subject: one file each."""
