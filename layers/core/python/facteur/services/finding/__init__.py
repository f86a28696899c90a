"""What screens and programs ask for, changing nothing: lists, one document, words, changes.

Open ``queries`` first: every query starts from a Caller and stays in its dossier. ``listing``
keeps lists cheap at any size.
"""
