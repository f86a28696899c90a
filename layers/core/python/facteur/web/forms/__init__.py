"""What people type, and the form that shows it again with every fault beside its field.

Open ``trying`` first: the road of every form. ``fields`` and ``typed`` are the form of the
document page, ``statuses`` the form that says a status.
"""
