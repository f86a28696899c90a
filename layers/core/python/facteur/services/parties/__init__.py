"""« Clients & fournisseurs »: the cards, what people do on them, what accepted documents teach.

Open ``book`` first: what a person sees and does on cards. ``recognising`` finds the card of a
document that is being read; ``learning`` writes on it what was accepted.
"""
