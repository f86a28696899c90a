"""A setting that lists what the installation registered elsewhere: JSON, a list of objects."""

import json


def listed(setting: str) -> list[object]:
    """What the setting lists, [] when it says nothing; ValueError without its secrets."""
    if not setting.strip():
        return []
    given = json.loads(setting)
    if not isinstance(given, list):
        msg = "a list of objects is wanted"
        raise ValueError(msg)  # noqa: TRY004 - one error for all that can be wrong
    return given
