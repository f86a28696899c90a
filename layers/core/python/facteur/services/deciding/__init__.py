"""What people decide about a document: correct, accept, refuse, replay; and who must agree.

Open ``decisions`` first. ``preferences`` are the gérant's choices about purchases; ``circuits``,
``approving`` and ``asking`` are about those who must agree before an invoice is accepted.
"""
