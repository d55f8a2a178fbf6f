"""What buyers say of what they received: stars, words, pictures, three scores for the shop; and the shop's answers.

Owns: `reviews.reviews` and what they add up to (`product_stars`, `shop_scores`, `score_days`), the buyers' copies.
Promises: only who received a line reviews it, once; sums shown equal the reviews behind them; nobody's name is shown
    beyond its first sign.
Begin at: `model.py`, then `actions/writing.py`.
"""
