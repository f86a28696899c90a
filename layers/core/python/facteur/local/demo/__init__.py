"""The demonstration: one dossier, two suppliers' invoices of our own making.

The companies do not exist; their SIRENs are those that the public specifications use in their
examples (100000009, 200000008…), which carry a valid key.
"""
