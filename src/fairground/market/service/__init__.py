"""People talk, and nobody is left alone with a question: chat with shops and the market, tickets, who answers how fast.

Owns: the schema `service`: threads with their messages, the inboxes of shops and desk, quick replies; tickets with
    their clocks, notes and ready answers.
Promises: a message sent twice with one key stands once; nobody reads a thread they are not in; what is refused or
    hinted at is said to the writer, never done in silence; somebody away gets one letter for each spell. A ticket
    belongs to one person and is seen by them and the desk only; a clock that runs out is seen by a supervisor; a face
    is given once, by the person or whoever has the signed link.
Begin at: `model/chat.py` and `actions/chat.py` for messages, `model/tickets.py` and `actions/tickets.py` for tickets.
"""
