"""Text without what writings of the same words differ by: case, accents, typographic signs.

Source: Unicode Standard Annex 15 (compatibility decomposition, NFKD).
"""

import unicodedata

#: What the same sign looks like elsewhere.
_SAME = {
    "’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'", "“": '"', "”": '"', "«": '"', "»": '"',
    "–": "-", "—": "-", "−": "-", "‐": "-", "‑": "-", "º": "°", "˚": "°", "ø": "o", "ß": "s",
    "œ": "o", "Œ": "o", "æ": "a", "Æ": "a", "：": ":", "，": ",", "．": ".", "％": "%", "（": "(",
    "）": ")", "•": "·", "●": "·", "…": ".",
}  # fmt: skip


_MOST_SIGNS = 4096  # remembered: what a page of an honest script has


class _Plain(dict[int, str]):
    """What each sign becomes, worked out when it is first met (a table of str.translate)."""

    def __missing__(self, code: int) -> str:
        sign = chr(code)
        found = _plain_sign(sign)
        if len(self) < _MOST_SIGNS:
            self[code] = found
        return found


def _plain_sign(sign: str) -> str:
    if sign in _SAME:
        return _SAME[sign]
    if sign.isspace():
        return " "
    base = unicodedata.normalize("NFKD", sign)[0].lower()
    return base if len(base) == 1 else sign


_PLAIN = _Plain()


def plain(text: str) -> str:
    """The text in lower case without accents or typographic signs, of the same length."""
    return text.translate(_PLAIN)
