"""Recovery codes: ten that each replace the authenticator's digits once (decision 0210)."""

import secrets
from dataclasses import replace

from facteur.domain import credentials as rules
from facteur.domain.credentials import CODES, Happening
from facteur.ports import Context


def draw(
    user: str, email: str, *, address: str, context: Context, added: bool = False
) -> tuple[str, ...]:
    """Ten new codes, shown now and never again; those of before are worth nothing any more.

    ``added``: the authenticator was added at the same time, which is noted too.
    StaleVersionError (``account.stale``).
    """
    now, held = context.clock.now(), context.credentials.load(user)
    if added:
        held = rules.noted(held, Happening.TOTP_ADDED, at=now, address=address)
    codes = tuple(rules.code_from(secrets.token_bytes(16)) for _ in range(CODES))
    fresh = rules.with_codes(held, codes, at=now, address=address)
    context.credentials.save(replace(fresh, email=email))
    return codes


def spend(user: str, typed: str, *, address: str, context: Context) -> bool:
    """Use a code: True when it was one of those left. It works once, whoever is faster.

    StaleVersionError (``account.stale``).
    """
    held = context.credentials.load(user)
    rest = rules.without_code(held, typed, at=context.clock.now(), address=address)
    if rest is None:
        return False
    context.credentials.save(rest)
    return True


def forget(user: str, *, address: str, context: Context) -> None:
    """The authenticator is taken away, and its codes with it."""
    held = context.credentials.load(user)
    context.credentials.save(
        rules.noted(
            replace(held, codes=()),
            Happening.TOTP_REMOVED,
            at=context.clock.now(),
            address=address,
        )
    )
