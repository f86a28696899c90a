"""The Identity port on Cognito user pools: passwords live there and nowhere else.

Sign-in is the server's own flow (ADMIN_USER_PASSWORD_AUTH): the browser talks to us only, and the
tokens that Cognito answers are not kept, because sessions are ours (decision 8). The pool's client
hides whether a user exists (PreventUserExistenceErrors), so a wrong address and a wrong password
take the same road to the same answer: None.

Source: https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-authentication-flow-methods.html
"""

import logging
from typing import Any

from botocore.exceptions import ClientError

from facteur.adapters.aws.clients import Clients
from facteur.adapters.aws.failures import code_of, failures
from facteur.domain.errors import InvalidError
from facteur.domain.faults import Fault
from facteur.ports import Person

log = logging.getLogger(__name__)

_MOST = 256  # characters of a password or an address, Cognito's own limit

#: Cognito's answers that mean: these credentials open nothing.
_WRONG = frozenset({
    "NotAuthorizedException",
    "UserNotFoundException",
    "UserNotConfirmedException",
    "PasswordResetRequiredException",
    "InvalidParameterException",  # an address or a password that could never have been taken
})  # fmt: skip


class CognitoIdentity:
    """Checks and creates users of one pool. Implements facteur.ports.Identity."""

    def __init__(self, clients: Clients, *, pool_id: str, client_id: str) -> None:
        self._clients, self._pool, self._client = clients, pool_id, client_id

    @property
    def _cognito(self) -> Any:
        return self._clients("cognito-idp")

    def sign_in(self, email: str, password: str) -> Person | None:
        """The person, None when address and password do not go together; UnavailableError."""
        address = email.strip().lower()
        if not address or not password or max(len(address), len(password)) > _MOST:
            return None
        with failures("cognito"):
            try:
                answer = self._cognito.admin_initiate_auth(
                    UserPoolId=self._pool,
                    ClientId=self._client,
                    AuthFlow="ADMIN_USER_PASSWORD_AUTH",
                    AuthParameters={"USERNAME": address, "PASSWORD": password},
                )
            except ClientError as error:
                if code_of(error) not in _WRONG:
                    raise
                if code_of(error) == "InvalidParameterException":  # or a pool set up wrongly
                    log.warning("sign-in refused: %s", error.response["Error"].get("Message"))
                return None
            if "AuthenticationResult" not in answer:
                # A second factor or a forced change of password: no page asks for it yet.
                log.warning("sign-in needs %s, which is not built", answer.get("ChallengeName"))
                return None
            return self._person(address)

    def create(self, email: str, name: str, password: str) -> Person:
        """Create a confirmed user; answers the existing one, whose password is not changed.

        InvalidError (``password.weak``, ``email.invalid``) for what the pool does not take.
        """
        address = email.strip().lower()
        with failures("cognito"):
            try:
                self._create(address, name)
            except ClientError as error:
                if code_of(error) == "InvalidParameterException":
                    raise _refused("email.invalid", "email") from error
                if code_of(error) != "UsernameExistsException":
                    raise
            if self._user(address)["UserStatus"] == "FORCE_CHANGE_PASSWORD":
                # New, or left half made by a crash between the two calls.
                self._set_password(address, password)
            return self._person(address)

    def _create(self, address: str, name: str) -> None:
        self._cognito.admin_create_user(
            UserPoolId=self._pool,
            Username=address,
            MessageAction="SUPPRESS",
            UserAttributes=[
                {"Name": "email", "Value": address},
                {"Name": "email_verified", "Value": "true"},
                {"Name": "name", "Value": name},
            ],
        )

    def _set_password(self, address: str, password: str) -> None:
        try:
            self._cognito.admin_set_user_password(
                UserPoolId=self._pool, Username=address, Password=password, Permanent=True
            )
        except ClientError as error:
            if code_of(error) in {"InvalidPasswordException", "InvalidParameterException"}:
                raise _refused("password.weak", "password") from error
            raise

    def _user(self, address: str) -> dict[str, Any]:
        user: dict[str, Any] = self._cognito.admin_get_user(
            UserPoolId=self._pool, Username=address
        )
        return user

    def _person(self, address: str) -> Person:
        attributes = {one["Name"]: one["Value"] for one in self._user(address)["UserAttributes"]}
        return Person(
            subject=attributes["sub"],
            email=attributes.get("email", address),
            name=attributes.get("name", ""),
        )


def _refused(code: str, path: str) -> InvalidError:
    return InvalidError((Fault(code=code, path=path),), code=code)
