"""What is served to programs: keys and tokens, submissions, flows to follow, webhooks out.

Open ``keys`` first: who asks. ``serving`` and ``submissions`` are our Flow Service, ``directory``
our Directory Service, ``hooking`` the calls that we make.
"""
