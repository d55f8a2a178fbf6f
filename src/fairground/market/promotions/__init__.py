"""What makes a price lower: the price engine, and the coupons of shops.

Owns: coupons, who took and used them, the wallet of a person.
Promises: no price falls below zero and every share is accounted for, line by line and by who bears it; a coupon is
    never used more often than its limits say; who holds a coupon can use it; its terms never change once it is open.
Begin at: `model/pricing.py`, then `actions/use.py`.
"""
