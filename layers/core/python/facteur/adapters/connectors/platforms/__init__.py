"""Approved platforms: one client for the standard's interface, and Chorus Pro's own."""
