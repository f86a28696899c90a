"""How a person comes in: accounts, passwords, the second factor, sessions, links that work once.

Open ``signing_in`` first: sessions, and the Caller that every other service asks for. Programs
come in by services/programs.
"""
