"""Reads of orders: single ones and lists, quotes, the audit."""
