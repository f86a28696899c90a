"""What accountants take away: an invoice as a balanced accounting entry, and the work of exports.

One entry per invoice, by its VAT rows: a purchase debits the expense account of each rate and the
deductible VAT, and credits its supplier; a sale debits its customer and credits sales and VAT due.
A credit note is the other way round. The amounts are the issuer's, to the cent: an invoice whose
rows do not add up to its total is left out, said, and listed; nothing is ever rounded to balance.

The expense (or sales) account is the one chosen for the document, which its party's card gave it
(parties.Defaults), else the dossier's. VAT that the invoice does not bear (reverse charge,
intra-community) is not computed here: the accountant's software does that.
Sources: PCG (ANC 2014-03) art. 944-40, 944-41, 944-44, 944-60, 944-70; features.md PE-20.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from facteur.domain.candidate import Candidate
from facteur.domain.documents import Direction, Document, StoredFile
from facteur.domain.faults import Fault
from facteur.domain.self_billing import is_self_billed

ZERO = Decimal(0)
_CENT = Decimal("0.01")
_ACCOUNT = re.compile(r"[0-9][0-9A-Z]{2,10}")
_JOURNAL = re.compile(r"[0-9A-Z]{2,3}")
_NUMBER = re.compile(r"[^0-9A-Z]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts:
    """The accounts and journals of a dossier; those of a new one are the PCG's."""

    dossier: str
    supplier: str = "401000"
    expense: str = "606000"
    deductible: str = "445660"
    customer: str = "411000"
    sales: str = "706000"
    collected: str = "445710"
    purchases_journal: str = "AC"
    sales_journal: str = "VE"
    self_billed_journal: str = "VA"  # sales that customers billed in our name (PE-33)
    version: int = 0


#: The fields of Accounts that a person sets, in the order of the page.
SETTABLE = (
    "supplier", "expense", "deductible", "customer", "sales", "collected",
    "purchases_journal", "sales_journal", "self_billed_journal",
)  # fmt: skip


def faults_of_accounts(accounts: Accounts) -> tuple[Fault, ...]:
    """All that is wrong with them: an account is 3 to 11 characters and begins with a digit."""
    found = []
    for name in SETTABLE:
        journal = name.endswith("_journal")
        value = getattr(accounts, name)
        if not (_JOURNAL if journal else _ACCOUNT).fullmatch(value):
            code = "exports.journal" if journal else "exports.account"
            found.append(Fault(code=code, path=name, values={"value": value[:40]}))
    return tuple(found)


# ── Entries ─────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """One line of an entry: an amount on one side of an account; never both, never negative."""

    account: str
    account_label: str
    debit: Decimal = ZERO
    credit: Decimal = ZERO
    auxiliary: str = ""  # the party's number, on its collective account
    auxiliary_label: str = ""
    rate: Decimal | None = None  # of VAT, in percent


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """The entry of one invoice: its postings balance to the cent."""

    document: str
    journal: str
    journal_label: str
    day: date  # of the invoice (BT-2)
    piece: str  # its number (BT-1)
    label: str
    party: str
    due: date | None
    postings: tuple[Posting, ...]
    attachment: str = ""  # its file in the export


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyRef:
    """The other side of an invoice as its card says: number and name; both "" when unknown."""

    number: str = ""
    name: str = ""


def booked(
    document: Document, candidate: Candidate, accounts: Accounts, party: PartyRef
) -> Booking | Fault:
    """The entry of an archived invoice, or why it has none.

    Codes: ``exports.kind`` (a statement, a quote…), ``exports.undated``, ``exports.currency``,
    ``exports.no_amounts``, ``exports.unbalanced`` (the difference).
    """
    values = _named(document)
    if document.summary.kind not in _KINDS:
        return Fault(code="exports.kind", values=values)
    day, number = candidate.day("issue_date"), candidate.text("number")
    if day is None or not number:
        return Fault(code="exports.undated", values=values)
    currency = candidate.text("currency") or "EUR"
    if currency != "EUR":
        return Fault(code="exports.currency", values={**values, "currency": currency[:3]})
    total, rows = candidate.amount("total_incl_vat"), _rows(candidate)
    if total is None or not rows:
        return Fault(code="exports.no_amounts", values=values)
    gap = total - sum((base + tax for base, tax, _rate in rows), ZERO)
    if gap or total != total.quantize(_CENT):
        return Fault(code="exports.unbalanced", values={**values, "gap": f"{gap:f}"})
    return _booking(document, candidate, accounts, party, day=day, total=total, rows=rows)


#: What a page may be to have an entry.
_KINDS = frozenset(
    {"invoice", "credit_note", "prepayment", "corrective", "self_billed", "receipt"}
)

Row = tuple[Decimal, Decimal, Decimal | None]  # base, tax, rate


def _named(document: Document) -> dict[str, str]:
    """How a fault names the invoice that it leaves out."""
    summary = document.summary
    purchase = document.direction is Direction.PURCHASE
    return {
        "document": document.id,
        "number": (summary.number or document.filename)[:60],
        "party": (summary.seller_name if purchase else summary.buyer_name)[:60],
    }


def _rows(candidate: Candidate) -> list[Row]:
    """Base, tax and rate of each VAT row; the totals alone when the page has no VAT table."""
    rows: list[Row] = []
    for one in candidate.vat_rows:
        base, tax = one.base, one.tax
        if base is None or tax is None:
            return _totals(candidate)
        rows.append((base, tax, one.rate))
    return rows or _totals(candidate)


def _totals(candidate: Candidate) -> list[Row]:
    base, tax = candidate.amount("total_excl_vat"), candidate.amount("total_vat")
    total = candidate.amount("total_incl_vat")
    if base is None and tax in (None, ZERO):
        base = total
    if tax is None and base is not None and base == total:
        tax = ZERO
    return [] if base is None or tax is None else [(base, tax, None)]


def journal_of(document: Document, accounts: Accounts) -> tuple[str, str]:
    """The journal of an entry, and its name: what customers billed in our name has its own."""
    if document.direction is Direction.PURCHASE:
        return accounts.purchases_journal, "Achats"
    if is_self_billed(document):
        return accounts.self_billed_journal, "Ventes autofacturées"
    return accounts.sales_journal, "Ventes"


def _booking(
    document: Document,
    candidate: Candidate,
    accounts: Accounts,
    party: PartyRef,
    *,
    day: date,
    total: Decimal,
    rows: list[Row],
) -> Booking:
    purchase = document.direction is Direction.PURCHASE
    credit_note = candidate.text("type") == "credit_note"
    # A credit note bears positive amounts (EN 16931, type 381); some issuers print them negative.
    turned = purchase is not (credit_note and total > 0)
    own = accounts.expense if purchase else accounts.sales
    chosen = _NUMBER.sub("", document.coding.get("account", "").upper())
    own = chosen if _ACCOUNT.fullmatch(chosen) else own
    vat = accounts.deductible if purchase else accounts.collected
    journal, journal_label = journal_of(document, accounts)
    name = party.name or _named(document)["party"] or document.summary.seller_key
    third = Posting(
        account=accounts.supplier if purchase else accounts.customer,
        account_label="Fournisseurs" if purchase else "Clients",
        auxiliary=party.number or document.summary.seller_key[:17],
        auxiliary_label=name,
    )
    postings = [_with(third, total, debit=not turned)]
    for base, _tax, rate in rows:
        label = "Achats" if purchase else "Ventes"
        postings.append(
            _with(Posting(account=own, account_label=label, rate=rate), base, debit=turned)
        )
    for _base, tax, rate in rows:
        label = "TVA déductible" if purchase else "TVA collectée"
        postings.append(
            _with(Posting(account=vat, account_label=label, rate=rate), tax, debit=turned)
        )
    number = candidate.text("number")
    return Booking(
        document=document.id,
        journal=journal,
        journal_label=journal_label,
        day=day,
        piece=number,
        label=f"{'Avoir' if credit_note else 'Facture'} {number} {name}".strip(),
        party=name,
        due=candidate.day("due_date"),
        postings=tuple(one for one in postings if one.debit or one.credit),
    )


def _with(posting: Posting, amount: Decimal, *, debit: bool) -> Posting:
    """The posting with the amount on its side; a negative one is positive on the other."""
    if debit is (amount >= 0):
        return replace(posting, debit=abs(amount))
    return replace(posting, credit=abs(amount))


def own_account(posting: Posting, width: int) -> str:
    """The account of a posting where a format has no auxiliary column: 401 and the party's number.

    ``FOUR-012`` of 401000 is ``40100012`` in eight characters; a number of the user's own keeps
    its last letters and digits.
    """
    if not posting.auxiliary:
        return posting.account[:width]
    root = posting.account[:3]
    code = _NUMBER.sub("", posting.auxiliary.upper())
    ours = re.fullmatch(r"(?:FOUR|CLI)([0-9]+)", code)
    return root + (ours[1] if ours else code)[-(width - 3) :].rjust(width - 3, "0")


# ── The work ────────────────────────────────────────────────────────────────────────────────────


class Kind(StrEnum):
    """What an export is."""

    ACCOUNTING = "accounting"  # entries and their attachments
    KIT = "kit"  # everything of a dossier
    KIT_CHECK = "kit_check"  # the examination of a part that somebody brings
    KIT_TAKEN = "kit_taken"  # its taking in


class JobState(StrEnum):
    """Where an export stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Produced:
    """A file to download, in the bucket of what passes."""

    key: str
    name: str
    size: int
    sha256: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """An export: what was asked, by whom, how far it is, and what it gave."""

    dossier: str
    id: str
    kind: Kind
    at: datetime
    by: str
    by_name: str = ""
    form: str = ""  # of an accounting export: formats.exports.FORMATS
    direction: Direction = Direction.PURCHASE
    since: date | None = None
    until: date | None = None
    only_to_fetch: bool = True
    attachments: bool = True
    mark: bool = True  # what was exported becomes « Récupérée »
    state: JobState = JobState.WAITING
    total: int = 0
    done: int = 0
    entries: int = 0
    lines: int = 0  # postings of these entries
    left_out: tuple[Fault, ...] = ()  # the first MOST_LISTED; all of them are in the ZIP
    left: int = 0
    files: tuple[Produced, ...] = ()
    cursor: str = ""  # where the next part begins; of a kit that is brought: its file
    told: Mapping[str, str] = field(default_factory=dict)  # of a kit that is brought
    ended_at: datetime | None = None
    failure: Fault | None = None

    @property
    def over(self) -> bool:
        """True when nothing more will come."""
        return self.state in (JobState.DONE, JobState.FAILED)


MOST_LISTED = 100


def attachment_of(files: Mapping[str, StoredFile]) -> StoredFile | None:
    """What an export shows of an invoice: the Factur-X, else the file as received."""
    return files.get("facturx") or files.get("original")


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """Whose entries an export holds."""

    name: str
    siren: str
    until: date  # end of the period
    first: int = 1  # the number of its first entry: an export in parts numbers on
    first_line: int = 1  # the number of its first posting
