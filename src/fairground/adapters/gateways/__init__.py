"""Payment gateways.

Owns: the clients of gateways, each behind `market.payments.ports.Gateway`.
Promises: a notice is believed only with its signature; every sending carries our id as its key.
Begin at: `sandbox.py` (webhooks, refunds, payouts), `bank_transfer.py` (a reference number and a clerk).
"""
