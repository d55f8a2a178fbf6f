"""Money from buyers, back to buyers, and to shops' banks.

Owns: payments and their parts, what gateways told (charges, inbox), strays, refunds, releases, payout destinations,
    payouts, findings of reconciliation. Knows orders and shops by their ids only.
Promises: a notice counts once, whatever its order and however often it comes; money that came in is captured, or kept
    as a stray, never lost; held + released + refunded is what was captured, for each part; a payout never exceeds the
    shop's balance and comes back when it bounces; account numbers are sealed, and a changed one waits.
Begin at: `model/payment.py`, then `actions/capture.py`; `ports.py` for a new gateway.
"""
