"""What was accepted is sealed, listed, and handed on where the dossier's rules say.

Open ``sealing`` first: original, Factur-X, canonical JSON and evidence under Object Lock.
``archives`` is the list of what lies there; ``forwarding`` is « Transmission automatique ».
"""
