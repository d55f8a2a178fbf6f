"""People: who they are, how they sign in, where their parcels go, who of them works for the market.

Owns: people, e-mail addresses, sessions, links sent by mail, addresses, throttles of sign-in, deeds of the staff.
Promises: an e-mail address belongs to one person at a time; a session's token and a password are never kept, only
    their hashes; a link is good once and for a time; a closed account keeps its id and nothing else.
Begin at: `actions/registration.py`, then `actions/sign_in.py`.
"""
