"""The program `fairground`: every command has `--help`, exits 0, or prints one clear line and exits non-zero.

Owns: the commands and their flags.
Promises: a machine-readable result with `--json` where there is a result.
Begin at: `main.py`.
"""
