"""Goods in and out of files: what merchants bring from elsewhere, and all they own when they go.

Owns: `catalog.imports`, `catalog.import_refusals`, `catalog.import_pictures`.
Promises: of a file, what is good comes in and every line that is not is named with field and reason; the same file
again changes what is there and doubles nothing; what our own files carry out, they bring back the same.
Begin at: `reading.py`, then one reader, `runs.py` for how a file becomes products, `writing.py` for the way out.
"""
