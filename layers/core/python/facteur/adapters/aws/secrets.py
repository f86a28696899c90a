"""The Secrets port on KMS: encrypted by the installation's key, bound to a dossier and a purpose.

The encryption context is authenticated (AWS KMS, « Encryption context »): what was sealed for a
dossier cannot be opened for another one, even by whoever copies the row.
"""

import base64
import binascii

from botocore.exceptions import ClientError

from facteur.adapters.aws.clients import Clients
from facteur.adapters.aws.failures import failures
from facteur.domain.errors import ForbiddenError, InvalidError

MOST_BYTES = 4096  # what KMS encrypts directly


class KmsSecrets:
    """Implements facteur.ports.Secrets."""

    def __init__(self, clients: Clients, key: str) -> None:
        """``key``: the key's alias or ARN."""
        self._clients = clients
        self._key = key

    def seal(self, secret: str, *, dossier: str, purpose: str) -> str:
        """The secret, encrypted, in base64."""
        data = secret.encode()
        if not data or len(data) > MOST_BYTES:
            raise InvalidError((), code="secret.size")
        with failures("kms"):
            answer = self._clients("kms").encrypt(
                KeyId=self._key,
                Plaintext=data,
                EncryptionContext={"dossier": dossier, "purpose": purpose},
            )
        return base64.b64encode(answer["CiphertextBlob"]).decode()

    def open(self, sealed: str, *, dossier: str, purpose: str) -> str:
        """The secret again; ForbiddenError (``secret.unreadable``)."""
        try:
            blob = base64.b64decode(sealed, validate=True)
        except (ValueError, binascii.Error):
            raise ForbiddenError("secret.unreadable") from None
        with failures("kms"):
            try:
                answer = self._clients("kms").decrypt(
                    KeyId=self._key,
                    CiphertextBlob=blob,
                    EncryptionContext={"dossier": dossier, "purpose": purpose},
                )
            except ClientError as error:
                if error.response["Error"]["Code"] in _NOT_THIS_ONE:
                    raise ForbiddenError("secret.unreadable") from None
                raise
        found: bytes = answer["Plaintext"]
        return found.decode()


_NOT_THIS_ONE = {"InvalidCiphertextException", "IncorrectKeyException"}
