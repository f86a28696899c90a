"""Factoring and the account to pay (225 to 228): what a seller says, to whom, and what it needs.

A seller cedes his claim to a factor: the buyer pays the factor (225), or is not to know (226); the
account to pay changes (227); the claim comes back (228). What is confidential goes to the factor
alone: 226, and the 228 that follows it. Nothing here changes any account: who receives 225 or 227
verifies it with a person, by means he knows (D-BANK of the words that decide).

Sources: XP Z12-014 annex A V1.3 §3.2.9.5; SCH-CDV CL-05, CL-08; reference: lifecycle.md §7.
"""

from collections.abc import Iterable, Iterator, Sequence

from facteur.domain import identifiers
from facteur.domain.faults import Fault
from facteur.domain.lifecycle.records import Characteristic, Payee, StatusRecord

CODES = ("225", "226", "227", "228")
#: They name whom to pay (MDG-41), or an account (CBB).
NAMING, ACCOUNT = frozenset({"225", "226"}), frozenset({"225", "227"})
FACTOR = "DL"  # MDT-59 of a factor
IBAN, HOLDER, BIC = "BT-84", "BT-85", "BT-86"


def account(iban: str, holder: str, bic: str) -> tuple[Characteristic, ...]:
    """The account to pay, one block a datum (CBB); what is not given is not said."""
    given = (
        (IBAN, identifiers.compact(iban)),
        (HOLDER, holder.strip()),
        (BIC, identifiers.compact(bic)),
    )
    return tuple(
        Characteristic(type="CBB", id=name, value=value, changed=True)
        for name, value in given
        if value
    )


def faults_of(
    code: str,
    payee: Payee | None,
    data: Sequence[Characteristic],
    *,
    hidden: bool = False,
) -> Iterator[Fault]:
    """What lacks, or is no SIREN, IBAN or BIC; ``hidden``: the factor alone is told."""
    if code not in CODES:
        if payee is not None:
            yield Fault(code="status.payee_not_here", path="payee_siren")
        return
    if payee is not None or code in NAMING or hidden:
        if payee is None or not payee.name.strip():
            yield Fault(code="status.payee_name", path="payee_name")
        if payee is None or not identifiers.is_siren(payee.siren):
            yield Fault(code="status.payee_siren", path="payee_siren")
    held = {one.id: one.value for one in data if one.type == "CBB"}
    iban, bic = held.get(IBAN, ""), held.get(BIC, "")
    if (code in ACCOUNT or iban) and not identifiers.is_iban(iban):
        yield Fault(code="status.payee_iban", path="payee_iban")
    if bic and not identifiers.is_bic(bic):
        yield Fault(code="status.payee_bic", path="payee_bic")


def confidential(code: str, before: Iterable[StatusRecord]) -> bool:
    """True where the buyer must not hear of it: 226, and a 228 that ends a 226.

    ``before``: what was said of the invoice until then, in order.
    """
    if code == "226":
        return True
    last = [one.code for one in before if one.code in ("225", "226", "228")]
    return code == "228" and bool(last) and last[-1] == "226"


def payee_of(before: Iterable[StatusRecord]) -> Payee | None:
    """The factor who was named last, None when nobody was."""
    named = [one.payee for one in before if one.payee is not None]
    return named[-1] if named else None
