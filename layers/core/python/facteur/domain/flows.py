"""Flows of the AFNOR interface: what platforms and billing software exchange (XP Z12-013 1.3.0).

The names of the standard are kept as they are. An unknown value met on the wire is kept as text
where the standard leaves the list open (reason codes), and read as ``Undefined`` elsewhere: a
platform ahead of us, or one still at 1.2.0, stops nothing.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class FlowSyntax(StrEnum):
    """What the file is."""

    CII = "CII"
    UBL = "UBL"
    FACTURX = "Factur-X"
    CDAR = "CDAR"
    FRR = "FRR"  # e-reporting: flux 10


class FlowProfile(StrEnum):
    """The profile of an invoice, where the standard names it."""

    BASIC = "Basic"
    CIUS = "CIUS"  # EN 16931
    EXTENDED = "Extended-CTC-FR"
    UNDEFINED = "Undefined"


class ProcessingRule(StrEnum):
    """Which obligation a flow falls under."""

    B2B = "B2B"
    B2B_INT = "B2BInt"
    B2C = "B2C"
    B2G = "B2G"
    B2G_INT = "B2GInt"
    OUT_OF_SCOPE = "OutOfScope"
    B2G_OUT_OF_SCOPE = "B2GOutOfScope"
    ARCHIVE_ONLY = "ArchiveOnly"
    NOT_APPLICABLE = "NotApplicable"
    UNDEFINED = "Undefined"


class RuleSource(StrEnum):
    """Who chose the processing rule."""

    INPUT = "Input"
    COMPUTED = "Computed"


class FlowDirection(StrEnum):
    """Seen from the client of the platform: what it receives (In), what it sends (Out)."""

    IN = "In"
    OUT = "Out"


class AckStatus(StrEnum):
    """What the platform's technical controls said."""

    PENDING = "Pending"
    OK = "Ok"
    ERROR = "Error"


class FlowType(StrEnum):
    """What a flow carries."""

    CUSTOMER_INVOICE = "CustomerInvoice"  # a sale; a self-billed invoice coming in
    SUPPLIER_INVOICE = "SupplierInvoice"  # a purchase; a self-billed invoice going out
    CUSTOMER_INVOICE_LC = "CustomerInvoiceLC"
    SUPPLIER_INVOICE_LC = "SupplierInvoiceLC"
    STATE_CUSTOMER_INVOICE_LC = "StateCustomerInvoiceLC"
    STATE_SUPPLIER_INVOICE_LC = "StateSupplierInvoiceLC"
    STATE_INVOICE = "StateInvoice"  # 1.2.0 only
    STATE_CUSTOMER_INVOICE = "StateCustomerInvoice"
    STATE_SUPPLIER_INVOICE = "StateSupplierInvoice"
    AGGREGATED_CUSTOMER_TRANSACTION_REPORT = "AggregatedCustomerTransactionReport"  # 10.3
    UNITARY_CUSTOMER_TRANSACTION_REPORT = "UnitaryCustomerTransactionReport"  # 10.1, sales
    UNITARY_SUPPLIER_TRANSACTION_REPORT = "UnitarySupplierTransactionReport"  # 10.1, purchases
    AGGREGATED_CUSTOMER_PAYMENT_REPORT = "AggregatedCustomerPaymentReport"  # 10.4
    UNITARY_CUSTOMER_PAYMENT_REPORT = "UnitaryCustomerPaymentReport"  # 10.2
    MULTI_FLOW_REPORT = "MultiFlowReport"
    STATE_TRANSACTION_REPORT = "StateTransactionReport"
    STATE_TRANSACTION_REPORT_LC = "StateTransactionReportLC"
    STATE_PAYMENT_REPORT = "StatePaymentReport"
    STATE_PAYMENT_REPORT_LC = "StatePaymentReportLC"
    UNDEFINED = "Undefined"


class FlowView(StrEnum):
    """Which form of a flow is asked for (``docType``)."""

    METADATA = "Metadata"
    ORIGINAL = "Original"
    CONVERTED = "Converted"
    READABLE = "ReadableView"


#: The reason codes that the standard names; the list is open.
REASON_CODES = (
    "EmptyAttachement",  # spelt so in the standard
    "AttachmentTypeError",
    "EmptyFlow",
    "OtherTechnicalError",
    "InvalidSchema",
    "FileSizeExceeded",
    "FlowTypeError",
    "AlreadyExistingFlow",
    "VirusFound",
    "ChecksumMismatch",
    "InvoiceLCInvalidStatus",
    "InvoiceLCStatusError",
    "InvoiceLCRuleError",
    "InvoiceLCAccessDenied",
    "InvoiceLCAmountError",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AckDetail:
    """One thing that the platform's controls found."""

    level: str  # "Error" | "Warning"
    item: str  # what it is about, in the platform's words
    reason: str  # a code of REASON_CODES, or the platform's own
    message: str = ""  # a sentence, or of our own controls the code of one, told with ``values``
    values: dict[str, str] = field(default_factory=dict)
    code: str = ""  # of our own controls: the official rule whose text ``message`` is


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement:
    """What the platform thinks of a flow. Ok is no « Déposée » (200): that comes as a status."""

    status: AckStatus = AckStatus.PENDING
    details: tuple[AckDetail, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """A flow as the platform describes it; no file."""

    id: str  # flowId, at most 64 characters
    name: str
    syntax: FlowSyntax | None  # None: a value that we do not know
    type: FlowType
    direction: FlowDirection
    submitted_at: datetime
    updated_at: datetime
    rule: ProcessingRule = ProcessingRule.UNDEFINED
    rule_source: RuleSource = RuleSource.COMPUTED
    profile: FlowProfile = FlowProfile.UNDEFINED
    tracking_id: str = ""
    sha256: str = ""
    acknowledgement: Acknowledgement = Acknowledgement()


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingFlow:
    """A file to submit, and what is said of it."""

    name: str  # file name, at most 255 characters
    syntax: FlowSyntax
    data: bytes
    media_type: str  # application/pdf | application/xml
    tracking_id: str  # ours, for a look-up before anything is sent again
    sha256: str  # hexadecimal
    rule: ProcessingRule | None = None  # None: the platform computes it
    profile: FlowProfile | None = None  # None: no value of the standard fits
    number: str = ""  # BT-1 of an invoice; never sent: to look it up where names are not enough
    type: FlowType = FlowType.UNDEFINED  # never sent (the platform computes it); for our journal


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowFile:
    """The bytes of one view of a flow."""

    data: bytes
    media_type: str
    filename: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowPage:
    """Flows of a search, in no promised order, and the cursor of the next page ("": none)."""

    flows: tuple[Flow, ...]
    cursor: str = ""


class LineStatus(StrEnum):
    """Whether an address of the directory can be written to."""

    ENABLED = "Enabled"
    DISABLED = "Disabled"  # no platform behind it
    UPCOMING = "Upcoming"
    UNKNOWN = ""  # the platform does not say


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectoryLine:
    """One address of the annuaire (DG-7): where an invoice for this company may be sent."""

    address: str  # addressingIdentifier, scheme 0225: what BT-49 carries
    siren: str
    siret: str = ""
    routing_code: str = ""
    routing_name: str = ""
    suffix: str = ""
    platform: str = ""  # "WK": an approved platform; "DFH": the public one
    status: LineStatus = LineStatus.UNKNOWN
    name: str = ""  # of the company or establishment, where the platform gives it
    commitment_required: bool = False  # public buyer: BT-13 is mandatory
    service_required: bool = False  # public buyer: a service code is mandatory
    either_required: bool = False  # public buyer: BT-13 or a service code, one of the two


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalUnit:
    """A company of the annuaire."""

    siren: str
    name: str
    public: bool = False  # entityType Public
    active: bool = True  # administrativeStatus A
    no_prospecting: bool = False
