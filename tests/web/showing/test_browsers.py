"""Sessions are told by the name of their browser."""

import pytest
from facteur.web.showing.browsers import browser_name

_CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0"
_IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15"


@pytest.mark.parametrize(
    ("agent", "shown"),
    [
        (
            f"Mozilla/5.0 (Windows NT 10.0) {_CHROME} Safari/537.36",
            "Chrome sur Windows",
        ),
        (f"Mozilla/5.0 (Windows NT 10.0) {_CHROME} Safari/537.36 Edg/130.0", "Edge sur Windows"),
        (f"Mozilla/5.0 (Linux; Android 14) {_CHROME} Mobile Safari/537.36", "Chrome sur Android"),
        ("Mozilla/5.0 (Macintosh; rv:132.0) Gecko/20100101 Firefox/132.0", "Firefox sur Mac"),
        (f"{_IPHONE} (KHTML, like Gecko) Version/18.1 Safari/604.1", "Safari sur iPhone"),
        ("Firefox", "Firefox"),
        ("curl/8.5.0", "curl/8.5.0"),
        ("", "navigateur inconnu"),
    ],
)
def test_a_browser_has_the_name_its_owner_gives_it(agent: str, shown: str) -> None:
    """Browsers name those they descend from: the most particular name wins; none is invented."""
    assert browser_name(agent) == shown
