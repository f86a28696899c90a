"""Facteur: open, self-hostable e-invoicing for French companies and their accountants."""
