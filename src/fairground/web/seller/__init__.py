"""A shop's own rooms: what a seller and the shop's people see and do. Strangers do not find them."""
