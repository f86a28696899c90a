"""A browser's User-Agent in the words of its owner: « Chrome sur Windows ».

Only to recognise one's own sessions in a list; nothing is decided by it. Browsers name those they
descend from, so the most particular name is looked for first.
https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/User-Agent
"""

from facteur.web.i18n import _

#: What the header holds → how its owner calls it, the most particular first.
_BROWSERS = (
    ("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung Internet"),
    ("FxiOS", "Firefox"), ("Firefox", "Firefox"), ("CriOS", "Chrome"), ("Chrom", "Chrome"),
    ("Safari", "Safari"),
)  # fmt: skip
_SYSTEMS = (
    ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"),
    ("Macintosh", "Mac"), ("CrOS", "Chromebook"), ("Linux", "Linux"),
)  # fmt: skip


def browser_name(agent: str) -> str:
    """« Firefox sur Mac »; the header as it is when it names no browser we know, or nothing."""
    browser = next((name for mark, name in _BROWSERS if mark in agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in agent), "")
    if not browser:
        return agent or _("navigateur inconnu")
    return (
        _("{browser} sur {system}").format(browser=browser, system=system) if system else browser
    )
