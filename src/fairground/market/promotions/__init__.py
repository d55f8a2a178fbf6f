"""What makes a price lower: the price engine, the coupons of shops, and drops with their waiting rooms.

Owns: coupons, who took and used them, the wallet of a person; drops, their quotas, who bought in them, their tickets.
Promises: no price falls below zero and every share is accounted for, line by line and by who bears it; a coupon is
    never used more often than its limits say; who holds a coupon can use it; its terms never change once it is open.
    A drop sells no more than its quota and gives nobody more than their limit; its terms never change once it is
    announced; in a waiting room nobody chooses a place and nobody is overtaken.
Begin at: `model/pricing.py`, then `actions/use.py`; for drops `model/drops.py`, `actions/drop_use.py`, `board.py`.
"""
