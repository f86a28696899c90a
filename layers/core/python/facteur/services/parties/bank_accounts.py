"""The bank accounts of a card, from people: typed, approved by one or two of them, or refused."""

from facteur.domain import bank_accounts, identifiers
from facteur.domain.commands import FreeDocument
from facteur.domain.dossiers import Caller
from facteur.domain.errors import InvalidError, NotFoundError, StaleVersionError
from facteur.domain.parties import AccountState, Party
from facteur.ports import Context
from facteur.services.parties.book import mine, save, typed_account
from facteur.services.parties.cards import people_needed
from facteur.services.run import run


def add_account(caller: Caller, party: str, iban: str, context: Context) -> Party:
    """Type an account on a card: known when it is the first, else it waits for approval."""
    held = mine(caller, party, context)
    faults = bank_accounts.faults_of(iban or "?")
    if faults:
        raise InvalidError(faults)
    after = typed_account(caller, held, iban, context)
    if after == held:
        return held
    state = after.account(iban)
    return save(
        caller, after, "party.account_added", context,
        iban=identifiers.compact(iban)[-4:], state=state.state.value if state else "",
    )  # fmt: skip


def approve_account(caller: Caller, party: str, iban: str, context: Context) -> Party:
    """Approve an account that waits; once enough people did, the invoices it held go on.

    ForbiddenError (``iban.second_person``): where two people may, two must.
    """
    held = mine(caller, party, context)
    after = bank_accounts.approved(
        held,
        iban,
        by=caller.user,
        by_name=caller.name,
        needed=people_needed(caller.dossier, context),
        at=context.clock.now(),
    )
    account = after.account(iban)
    known = account is not None and account.state is AccountState.KNOWN
    what = "party.account_approved" if known else "party.account_first_approval"
    saved = save(caller, after, what, context, iban=identifiers.compact(iban)[-4:])
    for document in account.documents if known and account is not None else ():
        try:
            run(
                FreeDocument(
                    dossier=caller.dossier,
                    document=document,
                    iban=identifiers.compact(iban),
                    by=caller.user,
                    by_name=caller.name,
                ),
                context,
            )
        except (NotFoundError, StaleVersionError):
            continue  # being read again: it will find the account known
    return saved


def refuse_account(caller: Caller, party: str, iban: str, context: Context) -> Party:
    """Refuse an account: the invoices that show it stay frozen, to be refused with a reason."""
    held = mine(caller, party, context)
    at = context.clock.now()
    after = bank_accounts.refused(held, iban, by=caller.user, by_name=caller.name, at=at)
    return save(caller, after, "party.account_refused", context,
                 iban=identifiers.compact(iban)[-4:])  # fmt: skip
