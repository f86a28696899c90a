"""The approved platforms of a dossier: connected, consented to, watched over, changed.

Open ``connecting`` first, then ``opening``: how everybody else reaches a platform that is
connected. What travels by it is the matter of services/flows.
"""
