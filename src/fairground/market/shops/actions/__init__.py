"""What can be done with shops; the only writers of their tables."""
