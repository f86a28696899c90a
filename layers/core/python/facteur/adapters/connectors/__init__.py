"""Connectors: other people's services, one folder per family, one file per product."""
