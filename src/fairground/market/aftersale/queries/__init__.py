"""Reads of cases: single ones and lists, the timeline, the audit."""
