"""Pictures: what people upload and merchants' files point to.

Owns: pictures, their sizes, fetching them from outside addresses.
Promises: what is kept was decoded and written anew, without a word of its metadata; a private picture is checked at
    each look; a file without its row is swept away, a row without its file is called broken.
Begin at: `actions.py`, then `jobs.py`.
"""
