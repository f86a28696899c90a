"""The lifecycle of an invoice between two parties: what was said of it, and what follows.

Statuses come from both sides, through their platforms, twice and out of order; every one is kept
as a record (records.py) and the facts are folded from the records, never from their arrival.

Source: specifications of the DGFiP v3.2 §3.6; XP Z12-014 Annex A V1.3; schematron BR-FR-CDV
V1.4.0.03.
"""
