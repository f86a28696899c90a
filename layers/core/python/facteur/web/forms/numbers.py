"""Whole numbers that come in addresses and forms: plain digits, few, else what the caller says."""

VERSION_DIGITS = 9


def whole(text: str, *, digits: int, otherwise: int) -> int:
    """The number written in ASCII digits, ``digits`` of them at most; else ``otherwise``."""
    plain = text.isascii() and text.isdigit() and len(text) <= digits
    return int(text) if plain else otherwise


def version_of(text: str) -> int:
    """The version that a form shows; -1, which nothing has, when it shows none."""
    return whole(text, digits=VERSION_DIGITS, otherwise=-1)
