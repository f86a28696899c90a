"""Invoices of our own making, by the thousand, each with its truth.

``content`` imagines companies, lines, taxes and totals; ``layouts`` sets them on pages in many
ways; ``canvas`` gives those pages as words with boxes (fast) or as a PDF (for OCR). A seed makes
an invoice: the same seed, the same invoice.
"""
