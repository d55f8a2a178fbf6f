"""What justice announces: ids, amounts and outcomes, never words or names."""
