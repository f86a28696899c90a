"""A test platform that stands alone: an approved platform (PA) on this machine, for tests only.

It speaks the AFNOR interface (XP Z12-013 1.3.0) over plain HTTP on 127.0.0.1 and does what a
platform does: it lets accounts in (OAuth2), checks what is submitted, acknowledges it a moment
later, routes an invoice by the address written on it (BT-49), tells the issuer and the receiver of
the statuses, passes on those that they set, calls webhooks, and answers for a small directory.
Several installations of Facteur can use one; that is how two companies exchange an invoice here.

It misbehaves on demand (faults.py): slow, down, throttling, answering nothing after it accepted,
forgetting tokens, saying things twice or in the wrong order, giving damaged files, speaking 1.2.0.

    python -m facteur.local.sandbox_pa --data DIR [--port 8647] [--company SIREN:NAME …]

    store.py     what it keeps, in one SQLite file
    platform.py  what it does: accounts, submissions, jobs (controls.py, statuses.py, delivery.py)
    api.py       flows and webhooks    directory.py  the directory    oauth.py  tokens and consent
    server.py    HTTP                  pages.py      its own page
    actors.py    the others: a fictitious supplier who bills, customers who answer
"""
