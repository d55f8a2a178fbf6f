"""What the market decides between people: disputes, juries, the rule book, complaints and reports; and what it learnt.

Owns: disputes with their statements and rulings, anonymised precedents; rules, complaints and reports in files of
    their own.
Promises: every dispute ends, and says why and by which rule; nobody decides a thing of their own, or a second time
    what they decided before; nothing about a person is published before somebody has looked.
Begin at: `model/disputes.py` (the states), then `actions/disputes.py`.
"""
