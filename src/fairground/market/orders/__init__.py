"""What people have bought: quote, checkout, and each order's way from placed to received or closed.

Owns: `orders.checkouts`, `orders.orders`, `orders.lines`, `orders.moves`, and the shops' copies `orders.shop_orders`.
Promises: a checkout charges what its quote says and is all or nothing; no order leaves its state machine;
    money stays held with an open paid order and leaves it once; pieces and coupons of a closed order go back.
Begin at: `model/states.py`, then `intake/` (how orders come in), then `actions/`.
"""
