"""A shop's goods: the list, the form of a product, stock, files in and out."""
