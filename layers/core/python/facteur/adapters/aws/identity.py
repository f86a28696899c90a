"""The Identity port on Cognito user pools: passwords live there and nowhere else.

Sign-in is the server's own flow (ADMIN_USER_PASSWORD_AUTH): the browser talks to us only, and the
tokens that Cognito answers are not kept, because sessions are ours (decision 8). The pool's client
hides whether a user exists (PreventUserExistenceErrors), so a wrong address and a wrong password
take the same road to the same answer: None.

The second factor is Cognito's too (SOFTWARE_TOKEN_MFA, RFC 6238): the secret of an authenticator
never stays with us. Adding one needs the user's own access token, so the password is asked again;
the token lives in the set-up's ``state`` for the minutes between the two forms.

Sources: https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-authentication-flow-methods.html
https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-mfa-totp.html
"""

import logging
import re
from typing import Any

from botocore.exceptions import ClientError

from facteur.adapters.aws.clients import Clients
from facteur.adapters.aws.failures import code_of, failures
from facteur.domain.errors import InvalidError
from facteur.domain.faults import Fault
from facteur.ports import Person, SecondFactor, TotpSetup

log = logging.getLogger(__name__)

_TOTP = "SOFTWARE_TOKEN_MFA"
_CODE = re.compile(r"[0-9]{6}")
_MOST = 256  # characters of a password or an address, Cognito's own limit

#: Cognito's answers that mean: these credentials open nothing.
_WRONG = frozenset({
    "NotAuthorizedException",
    "UserNotFoundException",
    "UserNotConfirmedException",
    "PasswordResetRequiredException",
    "InvalidParameterException",  # an address or a password that could never have been taken
})  # fmt: skip


#: Cognito's answers to a code of an authenticator that does not match.
_WRONG_CODE = frozenset({"EnableSoftwareTokenMFAException", "CodeMismatchException"})


class CognitoIdentity:
    """Checks and creates users of one pool. Implements facteur.ports.Identity."""

    def __init__(self, clients: Clients, *, pool_id: str, client_id: str) -> None:
        self._clients, self._pool, self._client = clients, pool_id, client_id

    @property
    def _cognito(self) -> Any:
        return self._clients("cognito-idp")

    def sign_in(self, email: str, password: str) -> Person | SecondFactor | None:
        """The person, or what is still needed; None when address and password do not match."""
        answer = self._begin(email, password)
        if answer is None:
            return None
        address = email.strip().lower()
        if "AuthenticationResult" in answer:
            with failures("cognito"):
                return self._person(address)
        if answer.get("ChallengeName") == _TOTP:
            return SecondFactor(email=address, state=str(answer.get("Session", "")))
        # A forced change of password: nobody of ours is left in that state.
        log.warning("sign-in needs %s, which is not built", answer.get("ChallengeName"))
        return None

    def _begin(self, email: str, password: str) -> dict[str, Any] | None:
        """Cognito's answer to a password, None when it opens nothing."""
        address = email.strip().lower()
        if not address or not password or max(len(address), len(password)) > _MOST:
            return None
        with failures("cognito"):
            try:
                answer: dict[str, Any] = self._cognito.admin_initiate_auth(
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
        return answer

    def second_factor(self, asked: SecondFactor, code: str) -> Person | None:
        """The person, None when the code is wrong; InvalidError (``sign_in.too_late``)."""
        if not _CODE.fullmatch(code):
            return None
        with failures("cognito"):
            try:
                answer = self._cognito.admin_respond_to_auth_challenge(
                    UserPoolId=self._pool,
                    ClientId=self._client,
                    ChallengeName=_TOTP,
                    Session=asked.state,
                    ChallengeResponses={
                        "USERNAME": asked.email,
                        "SOFTWARE_TOKEN_MFA_CODE": code,
                    },
                )
            except ClientError as error:
                if code_of(error) in {"CodeMismatchException", "ExpiredCodeException"}:
                    return None
                if code_of(error) in _WRONG:  # the three minutes are over
                    raise _refused("sign_in.too_late", "code") from error
                raise
            return self._person(asked.email) if "AuthenticationResult" in answer else None

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

    def find(self, email: str) -> Person | None:
        """The person with this address, None when there is none."""
        address = email.strip().lower()
        if not address or len(address) > _MOST:
            return None
        with failures("cognito"):
            try:
                return self._person(address)
            except ClientError as error:
                if code_of(error) in {"UserNotFoundException", "InvalidParameterException"}:
                    return None
                raise

    def set_password(self, email: str, password: str) -> None:
        """Give a user another password; InvalidError (``password.weak``)."""
        with failures("cognito"):
            self._set_password(email.strip().lower(), password)

    def start_totp(self, email: str, password: str) -> TotpSetup | None:
        """Begin to add an authenticator; None when the password is wrong, or one is there."""
        answer = self._begin(email, password)
        if answer is None or "AuthenticationResult" not in answer:
            return None
        token = answer["AuthenticationResult"]["AccessToken"]
        with failures("cognito"):
            made = self._cognito.associate_software_token(AccessToken=token)
        return TotpSetup(secret=made["SecretCode"], state=token)

    def confirm_totp(self, email: str, setup: TotpSetup, code: str) -> bool:
        """Finish: the authenticator showed this code; from now on it is asked at sign-in."""
        if not _CODE.fullmatch(code):
            return False
        with failures("cognito"):
            try:
                self._cognito.verify_software_token(AccessToken=setup.state, UserCode=code)
            except ClientError as error:
                if code_of(error) in _WRONG_CODE:
                    return False
                raise
            self._prefer_totp(email, enabled=True)
        return True

    def remove_totp(self, email: str) -> None:
        """Ask no code any more."""
        with failures("cognito"):
            self._prefer_totp(email, enabled=False)

    def _prefer_totp(self, email: str, *, enabled: bool) -> None:
        self._cognito.admin_set_user_mfa_preference(
            UserPoolId=self._pool,
            Username=email.strip().lower(),
            SoftwareTokenMfaSettings={"Enabled": enabled, "PreferredMfa": enabled},
        )

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
        user = self._user(address)
        attributes = {one["Name"]: one["Value"] for one in user["UserAttributes"]}
        return Person(
            subject=attributes["sub"],
            email=attributes.get("email", address),
            name=attributes.get("name", ""),
            second_factor=_TOTP in user.get("UserMFASettingList", ()),
            enabled=bool(user.get("Enabled", True)),
        )


def _refused(code: str, path: str) -> InvalidError:
    return InvalidError((Fault(code=code, path=path),), code=code)
