"""What is said of an invoice after it left or came: statuses, ours and theirs, with their files.

Open ``statuses`` first: set, received, shown. ``messages`` and ``sending`` are the way out,
``received`` and ``submitted`` the two ways in. The rules themselves: domain/lifecycle.
"""
