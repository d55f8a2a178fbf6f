"""A bank and payment gateway to try the market with: no real money, but the real way.

Owns: the schema `sandbox`, its cashier page, its webhooks. It is another party: it never touches the market's tables,
    and the market knows it through `adapters.gateways.sandbox` only, over signed HTTP.
Promises: a webhook is sent until it is answered with 2xx, across crashes; mischief (twice, late, never) only by
    setting; account numbers ending in 0000 bounce.
Begin at: `app.sandbox_app` and `courier.run_courier`.
"""
