"""Pages of one's account: in and out, addresses, safety, letters, leaving."""
