"""How goods are found: the index, the one formula of its order, suggestions, what people asked for.

Owns: `search.listings`, `search.queries`, `search.popular`, and the machine's index folder.
Promises: nothing is lost from the index, however it ended: it is rebuilt from the catalog; no place can be bought;
shops younger than 90 days have their share of a first page; a query is kept without who asked it.
Begin at: `model.py` (the rules), `ranking.py` (the formula), `queries.py`; `feed.py` writes the index, `finder.py` is
what a web process reads it with.
"""
