"""Registers of companies: the product, and its sandbox twin."""
