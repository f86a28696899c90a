"""Bytes ⇄ domain: every format that Facteur reads or writes, pure functions."""
