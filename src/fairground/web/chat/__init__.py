"""Conversations as pages show them: shared by the storefront, a shop's rooms and the desk."""
