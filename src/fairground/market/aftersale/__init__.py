"""After-sale: the buyer is not content, and somebody answers; every case ends, and says how.

Owns: cases of orders with what was said and done in each, the evidence, the shops' copies.
Promises: one case at a time for an order; every silence has its deadline and its outcome; no case lasts longer than
    its rules say; never more goes back than was paid; a case that has ended holds nothing of its order.
Begin at: `model/cases.py` (states, who may answer what), then `actions/cases.py`.
"""
