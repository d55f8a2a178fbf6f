"""Justice as pages: what everybody may read, what parties and jurors see."""
