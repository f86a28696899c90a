"""A refusal that people understand: for each reason code, who can mend it, and by which gesture.

The one table behind the panels of the document page (NO-03). The French sentence of a code stands
in web/messages/platforms.toml (``rejection.<code>``); one that has no row is shown with the words
of who refused, as such, and the gesture that always works: correct and send again.

Sources: AFNOR XP Z12-013 1.3.0 (ReasonCode); XP Z12-012 annex A (reasons of 213, 221 and 501).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from facteur.domain.documents import Document, Sending
from facteur.domain.lifecycle.records import StatusReason, StatusRecord, Transmission


class Mender(StrEnum):
    """Who can mend it."""

    YOU = "you"  # whoever sends: the invoice, or its data
    SOFTWARE = "software"  # the billing software that wrote the file
    BUYER = "buyer"
    PARTIES = "parties"  # the two together: an answer, a credit note, a corrective invoice
    PLATFORM = "platform"
    ROUTING = "routing"  # the sending platform, by itself: the invoice stands
    NOBODY = "nobody"  # there is nothing to mend: it is there already


class Remedy(StrEnum):
    """What the page offers."""

    ADDRESS = "address"  # choose another address, and send again with the same number
    AGAIN = "again"  # send again as it is
    ISSUE = "issue"  # a corrected file from the software that issued it
    CONNECT = "connect"  # the connection's page
    NONE = "none"


ADDRESS = "BT-49"  # the buyer's electronic address: no field of the form


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What to do about a reason."""

    mender: Mender
    remedy: Remedy
    field: str = ""  # of the invoice, as candidate.FIELDS names it, or ADDRESS


_ADDRESS = Advice(mender=Mender.YOU, remedy=Remedy.ADDRESS, field=ADDRESS)
_FILE = Advice(mender=Mender.SOFTWARE, remedy=Remedy.ISSUE)
_LATER = Advice(mender=Mender.PLATFORM, remedy=Remedy.AGAIN)
_THERE = Advice(mender=Mender.NOBODY, remedy=Remedy.NONE)
_LINK = Advice(mender=Mender.YOU, remedy=Remedy.CONNECT)
_TALK = Advice(mender=Mender.PARTIES, remedy=Remedy.NONE)
_SAY_AGAIN = Advice(mender=Mender.YOU, remedy=Remedy.AGAIN)


def _field(name: str) -> Advice:
    return Advice(mender=Mender.SOFTWARE, remedy=Remedy.ISSUE, field=name)


ADVICE: Mapping[str, Advice] = {
    # addressing
    "REJ_ADR": _ADDRESS,
    "ADR_ERR": _ADDRESS,
    "DEST_INC": _ADDRESS,
    "DEST_ERR": _ADDRESS,
    "ROUTAGE_ERR": Advice(mender=Mender.ROUTING, remedy=Remedy.NONE),
    "NON_TRANSMISE": Advice(mender=Mender.BUYER, remedy=Remedy.ADDRESS, field=ADDRESS),
    "MDT-73": _ADDRESS,
    "sending.absent": _ADDRESS,
    "sending.inactive": _ADDRESS,
    # there already
    "AlreadyExistingFlow": _THERE,
    "REJ_UNI": Advice(mender=Mender.YOU, remedy=Remedy.NONE, field="number"),
    "DOUBLON": Advice(mender=Mender.YOU, remedy=Remedy.NONE, field="number"),
    # the file
    "InvalidSchema": _FILE,
    "FlowTypeError": _FILE,
    "FileSizeExceeded": _FILE,
    "EmptyFlow": _FILE,
    "EmptyAttachement": _FILE,
    "AttachmentTypeError": _FILE,
    "VirusFound": _FILE,
    "IRR_VIDE_F": _FILE,
    "IRR_TYPE_F": _FILE,
    "IRR_SYNTAX": _FILE,
    "IRR_TAILLE_F": _FILE,
    "IRR_NOM_F": _FILE,
    "IRR_ANTIVIRUS": _FILE,
    "IRR_TAILLE_PJ": _FILE,
    "IRR_NOM_PJ": _FILE,
    "IRR_VID_PJ": _FILE,
    "IRR_EXT_DOC": _FILE,
    "REJ_REF_PJ": _FILE,
    "REJ_ASS_PJ": _FILE,
    "ChecksumMismatch": _LATER,
    "OtherTechnicalError": _LATER,
    # the data
    "REJ_SEMAN": _FILE,
    "REJ_COH": _FILE,
    "REJ_CONT_B2G": _field("purchase_order"),
    "MONTANTTOTAL_ERR": _field("total_incl_vat"),
    "CALCUL_ERR": _field("total_incl_vat"),
    "TX_TVA_ERR": _field("vat_breakdown"),
    "SIRET_ERR": _field("buyer_siret"),
    "CMD_ERR": _field("purchase_order"),
    "sending.not_compliant": _FILE,
    # statuses
    "InvoiceLCInvalidStatus": _THERE,
    "InvoiceLCStatusError": _THERE,
    "InvoiceLCRuleError": _LATER,
    "InvoiceLCAccessDenied": _LINK,
    "InvoiceLCAmountError": _SAY_AGAIN,
    # messages of statuses: what our own rules found before they left
    "BR-FR-CDV-08": _field(ADDRESS),
    "BR-FR-CDV-10": _field("number"),
    "BR-FR-CDV-11": _field("issue_date"),
    "BR-FR-CDV-13": _field("seller_siren"),
    "BR-FR-CDV-14": _SAY_AGAIN,
    "BR-FR-CDV-15": _SAY_AGAIN,
    "BR-FR-CDV-CL-09": _SAY_AGAIN,
    "BR-FR-CDV-CL-10": _SAY_AGAIN,
    "BR-FR-CDV-CL-11": _SAY_AGAIN,
    "BR-FR-04_MDT-91": _field("type"),
    "status.no_data": _FILE,
    "rules.unverified": _LATER,
    "work.interrupted": _LATER,
    "contradicted": _THERE,
    # what the other party contests (206, 207, 208, 210)
    "NON_CONFORME": _FILE,
    "CODE_ROUTAGE_ERR": _ADDRESS,
    "REF_CT_ABSENT": _field("contract"),
    "REF_ERR": _FILE,
    "PU_ERR": _field("lines"),
    "REM_ERR": _field("lines"),
    "QTE_ERR": _field("lines"),
    "ART_ERR": _field("lines"),
    "MODPAI_ERR": _field("payment_terms"),
    "COORD_BANC_ERR": _field("iban"),
    "QUALITE_ERR": _TALK,
    "LIVR_INCOMP": _TALK,
    "JUSTIF_ABS": _TALK,
    "AUTRE": _TALK,
    "TRANSAC_INC": _TALK,
    "EMMET_INC": _TALK,
    "CONTRAT_TERM": _TALK,
    "DOUBLE_FACT": _TALK,
    # public customers
    "RETRAIT_MAN_SERV": _TALK,
    "ST_CT_NON_DECLAR": _TALK,
    "SUPPR_COMP_AVOIR": _TALK,
    "TRANSF_PMNT_REGIE": _TALK,
    "CONTACT_ACHTR": _TALK,
    # the road
    "sending.disconnected": _LINK,
    "sending.no_platform": _LINK,
    "platform.login": _LINK,
    "platform.denied": _LINK,
    "platform.unreachable": _LATER,
    "platform.settling": _LATER,
    "platform.broken": _LATER,
    "platform.throttled": _LATER,
}

_NAMES = re.compile(r"[A-Z][A-Za-z0-9_-]{3,}")  # codes in the words of a platform
_ADDRESS_RULES = frozenset(f"BR-FR-{number}" for number in range(21, 27))
_UNKNOWN = Advice(mender=Mender.SOFTWARE, remedy=Remedy.ISSUE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """One reason of a refusal: the code, what it says, what to do."""

    code: str
    advice: Advice
    words: str = ""  # of who refused, shown as such
    rule: str = ""  # MDT-125: the identifier of the broken rule
    value: str = ""  # found there
    known: bool = True


def rejection(code: str, words: str = "", rule: str = "", value: str = "") -> Rejection:
    """What is known of a reason; a rule of the reform about the address is an address.

    A platform may answer with a code of its own and name the official one in its words (« MDT-73
    est invalide »): that one tells more.
    """
    if code not in ADVICE:
        code = next((one for one in _NAMES.findall(words) if one in ADVICE), code)
    advice = ADVICE.get(code)
    if advice is None and code.startswith("BR-FR-CDV"):
        advice = _LATER  # the message is ours: there is nothing to mend on the invoice
    if rule in _ADDRESS_RULES:
        advice = _ADDRESS
    return Rejection(
        code=code,
        advice=advice or _UNKNOWN,
        words=words,
        rule=rule,
        value=value,
        known=code in ADVICE,
    )


def of_sending(sending: Sending) -> tuple[Rejection, ...]:
    """Why a sending came to nothing; () when it did not."""
    if sending.transmission is not Transmission.REFUSED:
        return ()
    return (rejection(sending.failure, sending.failure_text),)


def of_statuses(document: Document, codes: Iterable[str]) -> tuple[Rejection, ...]:
    """The reasons of the last status of one of these codes (213, 221, 210); () without any."""
    wanted = set(codes)
    found = [one for one in document.statuses if one.code in wanted]
    return of_record(found[-1]) if found else ()


def of_record(record: StatusRecord) -> tuple[Rejection, ...]:
    """The reasons of a status; its comment alone where it gives none."""
    values = {one.id: one.value for one in record.characteristics if one.value}
    found = tuple(_of_reason(one, values) for one in record.reasons if one.code or one.rule)
    if found or not record.comment:
        return found
    return (rejection("", record.comment),)


def _of_reason(reason: StatusReason, values: Mapping[str, str]) -> Rejection:
    value = next(iter(values.values()), "") if len(values) == 1 else ""
    return rejection(reason.code, reason.comment or reason.label, reason.rule, value)
