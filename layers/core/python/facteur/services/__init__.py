"""Run one command: load the state, ask the domain to decide, commit, see to what follows.

Open ``run`` first, then ``staircase``: how anything is asked for, and how anything changes. The
services themselves stand in rooms; the ``__init__`` of each says what happens there.
"""
