"""Text without what writings of the same words differ by: case, accents, typographic signs.

And without what nobody reads: what XML cannot carry, what cannot be seen.

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


def carried(sign: str) -> bool:
    """True for a sign that XML can carry: no control character, no half of a surrogate pair.

    Source: XML 1.0 §2.2 (Char).
    """
    code = ord(sign)
    return (
        sign in "\t\n\r" or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or code >= 0x10000
    )


def words(text: str) -> str:
    """What somebody wrote, without what no message carries; "" where nothing of it can be seen.

    Zero-width signs and spaces alone say nothing to who reads them.
    """
    kept = "".join(one for one in text if carried(one)).strip()
    return kept if any(one.isprintable() and not one.isspace() for one in kept) else ""


def plain(text: str) -> str:
    """The text in lower case without accents or typographic signs, of the same length."""
    return text.translate(_PLAIN)
