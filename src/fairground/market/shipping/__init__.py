"""Getting goods to people: what delivery costs, parcels, and where they are.

Owns: shipping templates of shops, parcels with their lines, tracking events; the list of carriers.
Promises: no more pieces of an order line are packed than were ordered; an event of a carrier is written once, however
    often it is told; a parcel that arrived stays arrived; where a shop does not deliver, it says so by name.
Begin at: `model/rates.py`, then `actions/parcels.py`.
"""
