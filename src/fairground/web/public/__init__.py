"""What is the same for everybody: static things, health, language."""
