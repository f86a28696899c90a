"""What the house asks of the world: one Protocol per need, and the Context that holds them.

Adapters implement these; services use them and never know which body is behind. Every method that
touches a dossier's data takes its identifier. Errors are those of domain/errors.py: an adapter
translates, nothing of boto3 or pynamodb crosses this line.

One file per kind of need; callers import everything from here.
"""

from dataclasses import dataclass, field

from facteur.domain.documents import EmbeddedFile as EmbeddedFile
from facteur.ports.addresses import AddressBook as AddressBook
from facteur.ports.changelog import Change as Change
from facteur.ports.changelog import Changelog as Changelog
from facteur.ports.companies import Companies as Companies
from facteur.ports.companies import Company as Company
from facteur.ports.credentials import Ceremony as Ceremony
from facteur.ports.credentials import Claimed as Claimed
from facteur.ports.credentials import CredentialBook as CredentialBook
from facteur.ports.credentials import NewPasskey as NewPasskey
from facteur.ports.credentials import Passkeys as Passkeys
from facteur.ports.credentials import Provider as Provider
from facteur.ports.documents import Container as Container
from facteur.ports.documents import FacturxFile as FacturxFile
from facteur.ports.documents import Ocr as Ocr
from facteur.ports.documents import Pdf as Pdf
from facteur.ports.documents import PdfContent as PdfContent
from facteur.ports.documents import PdfInfo as PdfInfo
from facteur.ports.documents import Rulebook as Rulebook
from facteur.ports.documents import RuleReport as RuleReport
from facteur.ports.ereporting import EReporting as EReporting
from facteur.ports.exports import Exports as Exports
from facteur.ports.files import Blobs as Blobs
from facteur.ports.files import PassingFile as PassingFile
from facteur.ports.files import UploadForm as UploadForm
from facteur.ports.forwarding import Forwardings as Forwardings
from facteur.ports.hooks import Hooks as Hooks
from facteur.ports.hooks import Receivers as Receivers
from facteur.ports.keys import ApiKeys as ApiKeys
from facteur.ports.mailboxes import Folder as Folder
from facteur.ports.mailboxes import MailboxBook as MailboxBook
from facteur.ports.mailboxes import MailConsents as MailConsents
from facteur.ports.mailboxes import MailGrant as MailGrant
from facteur.ports.mailboxes import MailProvider as MailProvider
from facteur.ports.mailboxes import MailServers as MailServers
from facteur.ports.notifications import DigestKey as DigestKey
from facteur.ports.notifications import Notifications as Notifications
from facteur.ports.notifications import Pending as Pending
from facteur.ports.parties import Parties as Parties
from facteur.ports.parties import PartyDocument as PartyDocument
from facteur.ports.parties import PartyPage as PartyPage
from facteur.ports.people import Identity as Identity
from facteur.ports.people import Mail as Mail
from facteur.ports.people import Mailer as Mailer
from facteur.ports.people import MailFile as MailFile
from facteur.ports.people import People as People
from facteur.ports.people import PeopleChanges as PeopleChanges
from facteur.ports.people import Person as Person
from facteur.ports.people import SecondFactor as SecondFactor
from facteur.ports.people import Session as Session
from facteur.ports.people import Sessions as Sessions
from facteur.ports.people import Ticket as Ticket
from facteur.ports.people import Tickets as Tickets
from facteur.ports.people import TotpSetup as TotpSetup
from facteur.ports.platforms import CallLog as CallLog
from facteur.ports.platforms import Connections as Connections
from facteur.ports.platforms import KeepToken as KeepToken
from facteur.ports.platforms import Platform as Platform
from facteur.ports.platforms import PlatformKind as PlatformKind
from facteur.ports.platforms import Platforms as Platforms
from facteur.ports.platforms import Turn as Turn
from facteur.ports.platforms import alone as alone
from facteur.ports.preferences import Journal as Journal
from facteur.ports.preferences import PreferencesStore as PreferencesStore
from facteur.ports.search import Found as Found
from facteur.ports.search import FoundPage as FoundPage
from facteur.ports.search import View as View
from facteur.ports.search import Views as Views
from facteur.ports.search import Words as Words
from facteur.ports.secrets import Secrets as Secrets
from facteur.ports.served_flows import FlowLedger as FlowLedger
from facteur.ports.served_flows import ServedPage as ServedPage
from facteur.ports.sftp import SftpServers as SftpServers
from facteur.ports.store import Changes as Changes
from facteur.ports.store import Claim as Claim
from facteur.ports.store import DocumentPage as DocumentPage
from facteur.ports.store import MailRecord as MailRecord
from facteur.ports.store import Store as Store
from facteur.ports.system import Beside as Beside
from facteur.ports.system import Clock as Clock
from facteur.ports.system import Ids as Ids
from facteur.ports.system import Later as Later
from facteur.ports.system import Once as Once
from facteur.ports.system import OnDemand as OnDemand
from facteur.ports.system import Queue as Queue


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The bounds of what we take; each is settable (config.py)."""

    mail_bytes: int = 25 * 1024 * 1024
    upload_bytes: int = 50 * 1024 * 1024
    pages: int = 500  # of one PDF
    ocr_pages: int = 50
    image_pixels: int = 60_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Readers:
    """What reading and converting need: no store, so that a command line can have them too."""

    pdf: Pdf
    ocr: Ocr | None
    limits: Limits = field(default_factory=Limits)
    beside: Beside = OnDemand


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The ports a service may use: built once by bootstrap.py."""

    store: Store
    blobs: Blobs
    queue: Queue
    once: Once
    pdf: Pdf
    ocr: Ocr | None
    rulebook: Rulebook
    identity: Identity
    credentials: CredentialBook
    passkeys: Passkeys
    sessions: Sessions
    tickets: Tickets
    people: People
    mailer: Mailer
    companies: Companies | None
    preferences: PreferencesStore
    journal: Journal
    notifications: Notifications
    parties: Parties
    exports: Exports
    ereporting: EReporting
    forwardings: Forwardings
    sftp: SftpServers
    addresses: AddressBook
    keys: ApiKeys
    secrets: Secrets
    mailboxes: MailboxBook
    flows: FlowLedger
    changelog: Changelog
    hooks: Hooks
    receivers: Receivers
    mail_servers: MailServers
    mail_consents: MailConsents
    connections: Connections
    platforms: Platforms
    words: Words
    views: Views
    clock: Clock
    ids: Ids
    inbound_domain: str
    site_url: str
    lock_mode: str
    retention_days: int
    sign_up_open: bool = True  # anybody may make a dossier: its SIREN is only what they say
    providers: tuple[Provider, ...] = ()  # who else signs people in, in the order of buttons
    support: str = ""  # how to reach who runs this installation, in one line
    limits: Limits = field(default_factory=Limits)
    here: frozenset[type] = frozenset()  # commands that this function runs itself, unqueued
    beside: Beside = OnDemand

    @property
    def readers(self) -> Readers:
        """The ports that reading and converting need."""
        return Readers(pdf=self.pdf, ocr=self.ocr, limits=self.limits, beside=self.beside)
