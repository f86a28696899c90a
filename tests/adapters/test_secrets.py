"""Secrets on the platform's key: opened for their dossier and purpose only."""

import pytest
from facteur import config
from facteur.adapters.aws.clients import Clients
from facteur.adapters.aws.secrets import KmsSecrets
from facteur.domain.errors import ForbiddenError, InvalidError

from tests.emulator import Platform


@pytest.fixture
def secrets(platform: Platform) -> KmsSecrets:
    return KmsSecrets(Clients(), f"alias/facteur-{config.load(platform.environment).stage}")


def test_a_secret_is_opened_for_its_dossier_and_purpose_only(secrets: KmsSecrets) -> None:
    """What is kept does not show it; another dossier or purpose gets nothing."""
    sealed = secrets.seal("pâsse word", dossier="acme", purpose="imap")

    assert "passe" not in sealed
    assert "pâsse word" == secrets.open(sealed, dossier="acme", purpose="imap")
    for other in ({"dossier": "x", "purpose": "imap"}, {"dossier": "acme", "purpose": "sftp"}):
        with pytest.raises(ForbiddenError):
            secrets.open(sealed, **other)


@pytest.mark.parametrize("bad", ["", "é", "AAAA", "not base64!"])
def test_what_was_never_sealed_opens_nothing(secrets: KmsSecrets, bad: str) -> None:
    """Altered, cut, made up."""
    with pytest.raises(ForbiddenError):
        secrets.open(bad, dossier="acme", purpose="imap")


@pytest.mark.parametrize("bad", ["", "x" * 4097])
def test_an_empty_or_endless_secret_is_refused(secrets: KmsSecrets, bad: str) -> None:
    """KMS takes four kilobytes."""
    with pytest.raises(InvalidError):
        secrets.seal(bad, dossier="acme", purpose="imap")
