"""`fairground bench NAME`: measures of the market, each against a yardstick of the same run.

Owns: the measures, one file each, and the frame that prints them.
Promises: one JSON object with `--json`; exit code 1 if a check fails; nothing is measured against another day.
Begin at: `frame.py`.
"""
