"""Who is here: dossiers, their members, the accounting firms that keep them.

Open ``dossiers`` first, then ``members`` and ``firms``.
"""
