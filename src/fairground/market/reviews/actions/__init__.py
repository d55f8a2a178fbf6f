"""What people do with reviews: write, change, add, answer; and what the market adds up."""
