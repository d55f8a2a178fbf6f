"""What every entrance shares: who calls, forms, problem answers, CSRF. The only part of `kit` that knows Litestar.

Owns: the `Caller` of a request, reading forms and bodies, RFC 9457 problems, tokens against forged requests.
Promises: a wrong input is answered with its field; a stranger's thing is "not found".
Begin at: `caller.py`, `forms.py`, `problems.py`.
"""
