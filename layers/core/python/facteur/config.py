"""Typed settings, read from the environment once, complete or refusing to start.

Every setting stands here with its default and its meaning; docs/operate.md lists them (a test
keeps the two alike). Nothing else in the house reads the environment.
"""

import os
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields

from facteur.domain.errors import FacteurError

PREFIX = "FACTEUR_"


class SettingsError(FacteurError):
    """A setting is missing or makes no sense: the function refuses to start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a function must know. The variable of ``table`` is FACTEUR_TABLE, and so on."""

    stage: str = "local"
    table: str
    ephemeral_table: str
    intake_bucket: str
    archive_bucket: str
    commands_queue_url: str
    checks_queue_url: str
    mails_queue_url: str = ""
    uploads_queue_url: str = ""
    inbound_domain: str
    site_url: str  # origin and base path, no final slash: every link starts with it
    static_path: str = "/static"  # under the base path; holds the content hash
    user_pool_id: str
    user_pool_client_id: str
    lock_mode: str = "GOVERNANCE"
    retention_days: int = 3653
    ocr: str = "none"  # textract | embedded | none
    mail_bytes: int = 25 * 1024 * 1024
    upload_bytes: int = 50 * 1024 * 1024
    ocr_pages: int = 50
    support_email: str = ""
    support_phone: str = ""


def load(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of this process; SettingsError names every variable that is missing."""
    source = os.environ if environment is None else environment  # noqa: TID251
    given = {
        one.name: source[PREFIX + one.name.upper()]
        for one in fields(Settings)
        if PREFIX + one.name.upper() in source
    }
    numbers = {one.name for one in fields(Settings) if one.type is int}
    try:
        return Settings(
            **{name: int(value) if name in numbers else value for name, value in given.items()}  # type: ignore[arg-type]
        )
    except TypeError:
        missing = [
            PREFIX + one.name.upper()
            for one in fields(Settings)
            if one.name not in given and not _has_default(one.name)
        ]
        raise SettingsError("settings.missing", names=", ".join(missing)) from None
    except ValueError as error:
        raise SettingsError("settings.not_a_number", reason=str(error)) from None


def _has_default(name: str) -> bool:
    """True when a setting may be left out."""
    return Settings.__dataclass_fields__[name].default is not MISSING
