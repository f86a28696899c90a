"""Typed settings, read from the environment once, complete or refusing to start.

Every setting stands here with its default and its meaning; docs/operate.md lists them (a test
keeps the two alike). Nothing else in the house reads the environment.
"""

import os
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Any

from facteur.domain.errors import FacteurError

PREFIX = "FACTEUR_"
WITNESSES = ("none", "tables", "forms", "all")  # of Textract, from nothing to everything


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
    lock_mode: str = "GOVERNANCE"  # | COMPLIANCE
    retention_days: int = 3653
    ocr: str = "none"  # textract | embedded | none
    textract_witness: str = "none"  # | tables | forms | all: what else Textract is asked
    mail_bytes: int = 25 * 1024 * 1024
    upload_bytes: int = 50 * 1024 * 1024
    ocr_pages: int = 50
    support_email: str = ""
    support_phone: str = ""
    support_cost: str = ""  # what a call costs, in words
    mail_sender: str = ""  # address of our mails; ne-pas-repondre@ the inbound domain when empty
    companies: str = "recherche-entreprises"  # | sandbox | none
    sent_mails: str = ""  # path of the page that shows our mails, where none leaves (the laptop)
    sandbox_pa: str = ""  # address of the test platform, where one runs (the laptop)
    sign_up: str = "open"  # | closed: by invitation only
    oidc_providers: str = field(default="", repr=False)  # JSON: who else signs people in
    mail_providers: str = field(default="", repr=False)  # JSON: whose mailboxes open by consent
    trace: int = 0  # 1: X-Ray segments of our own, 0.2 s more at each cold start


def in_lambda(environment: Mapping[str, str] | None = None) -> bool:
    """True in a function of AWS Lambda, which sets this variable and reserves its name."""
    source = os.environ if environment is None else environment  # noqa: TID251
    return "AWS_LAMBDA_FUNCTION_NAME" in source


def load(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of this process.

    SettingsError: ``settings.missing`` names every variable that is missing,
    ``settings.not_a_number`` every one that should be a whole number; ``settings.lock``: archives
    could not be locked so; ``settings.textract_witness``: not one of WITNESSES.
    """
    source = os.environ if environment is None else environment  # noqa: TID251
    given = {
        one.name: source[_variable(one.name)]
        for one in fields(Settings)
        if _variable(one.name) in source
    }
    numbers = {one.name for one in fields(Settings) if one.type is int}
    _refuse(
        "settings.missing",
        [
            one.name
            for one in fields(Settings)
            if one.default is MISSING and not given.get(one.name, "").strip()
        ],
    )
    _refuse(
        "settings.not_a_number",
        [name for name in numbers & given.keys() if not given[name].strip().isdecimal()],
    )
    values: dict[str, Any] = {
        name: int(value) if name in numbers else value for name, value in given.items()
    }
    settings = Settings(**values)
    if settings.lock_mode not in ("GOVERNANCE", "COMPLIANCE") or settings.retention_days < 1:
        # What sealing would find out only when a person has accepted an invoice.
        raise SettingsError(
            "settings.lock", mode=settings.lock_mode, days=str(settings.retention_days)
        )
    if settings.textract_witness not in WITNESSES:
        raise SettingsError("settings.textract_witness", value=settings.textract_witness)
    return settings


def _variable(name: str) -> str:
    return PREFIX + name.upper()


def _refuse(code: str, names: list[str]) -> None:
    if names:
        raise SettingsError(code, names=", ".join(sorted(_variable(one) for one in names)))
