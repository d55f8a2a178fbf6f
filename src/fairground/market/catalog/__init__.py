"""What is for sale: a tree of categories with typed attributes, products with options and variants, their history.

Owns: `catalog.categories`, `catalog.products`, `catalog.variants`, `catalog.product_versions`, `catalog.in_review`.
Promises: a product has a variant for each combination of options at most once; prices are above zero and in the
market's currency; every change is written down with who, when and the values before; the description keeps the source
and the format it came in, and is made safe where it is shown.
Begin at: `model/products.py`, then `actions/create.py`, `actions/change.py`; `checks.py` says what a good product is.
"""
