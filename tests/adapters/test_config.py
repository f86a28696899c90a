"""Settings: complete and sensible, or the function refuses to start."""

import dataclasses

import pytest
from facteur import config
from facteur.config import Settings, SettingsError

REQUIRED = {
    "FACTEUR_TABLE": "t",
    "FACTEUR_EPHEMERAL_TABLE": "e",
    "FACTEUR_INTAKE_BUCKET": "i",
    "FACTEUR_ARCHIVE_BUCKET": "a",
    "FACTEUR_COMMANDS_QUEUE_URL": "c",
    "FACTEUR_CHECKS_QUEUE_URL": "k",
    "FACTEUR_INBOUND_DOMAIN": "factures.example.com",
    "FACTEUR_SITE_URL": "https://example.com/api",
    "FACTEUR_USER_POOL_ID": "p",
    "FACTEUR_USER_POOL_CLIENT_ID": "n",
}


def test_required_settings_are_enough() -> None:
    """With the ten that have no default, every other one has its own."""
    settings = config.load(REQUIRED)
    assert settings.table == "t"
    assert settings.stage == "local"
    assert settings.lock_mode == "GOVERNANCE"
    assert settings.retention_days == 3653


def test_every_setting_can_be_given() -> None:
    """The variable of each field is its name in capitals behind FACTEUR_; numbers are numbers."""
    given = {f"FACTEUR_{one.name.upper()}": "7" for one in dataclasses.fields(Settings)}
    given |= {"FACTEUR_LOCK_MODE": "COMPLIANCE", "FACTEUR_TEXTRACT_WITNESS": "all"}
    settings = config.load({**given, "PATH": "/bin"})
    assert (settings.lock_mode, settings.textract_witness) == ("COMPLIANCE", "all")
    for one in dataclasses.fields(Settings):
        if one.name not in ("lock_mode", "textract_witness"):
            assert getattr(settings, one.name) == (7 if one.type is int else "7")


def test_all_missing_settings_are_named_at_once() -> None:
    """Starting tells everything that is missing, not the first thing only."""
    partial = {name: value for name, value in REQUIRED.items() if name < "FACTEUR_I"}
    with pytest.raises(SettingsError) as caught:
        config.load(partial)
    assert caught.value.code == "settings.missing"
    missing = str(caught.value.values["names"]).split(", ")
    assert missing == sorted(REQUIRED.keys() - partial.keys())


@pytest.mark.parametrize("empty", ["", "  "])
def test_an_empty_required_setting_is_missing(empty: str) -> None:
    """A variable that a template left empty is no bucket name."""
    with pytest.raises(SettingsError, match="FACTEUR_ARCHIVE_BUCKET"):
        config.load({**REQUIRED, "FACTEUR_ARCHIVE_BUCKET": empty})


@pytest.mark.parametrize("value", ["ten", "", "1.5", "-3", "1e3"])
def test_a_number_that_is_none_is_named(value: str) -> None:
    """A retention of "ten" days is refused by name, before anything is sealed with it."""
    with pytest.raises(SettingsError) as caught:
        config.load({**REQUIRED, "FACTEUR_RETENTION_DAYS": value})
    assert caught.value.code == "settings.not_a_number"
    assert caught.value.values["names"] == "FACTEUR_RETENTION_DAYS"


@pytest.mark.parametrize(
    "wrong", [{"FACTEUR_LOCK_MODE": "compliance"}, {"FACTEUR_RETENTION_DAYS": "0"}]
)
def test_a_lock_that_could_not_be_laid_is_refused_at_once(wrong: dict[str, str]) -> None:
    """Sealing would find out only after a person has accepted."""
    with pytest.raises(SettingsError, match=r"settings\.lock"):
        config.load({**REQUIRED, **wrong})


@pytest.mark.parametrize("value", ["", "Forms", "yes", "TABLES,FORMS"])
def test_a_witness_that_does_not_exist_is_refused_at_once(value: str) -> None:
    """Nobody finds out by the bill, or by what is not read, that it was misspelt."""
    with pytest.raises(SettingsError, match=r"settings\.textract_witness"):
        config.load({**REQUIRED, "FACTEUR_TEXTRACT_WITNESS": value})


def test_lambda_is_recognised_by_the_variable_it_reserves() -> None:
    """Nothing but Lambda's own variable turns on what only Lambda has."""
    assert config.in_lambda({"AWS_LAMBDA_FUNCTION_NAME": "facteur-prod-web"})
    assert not config.in_lambda({"FACTEUR_STAGE": "prod"})
