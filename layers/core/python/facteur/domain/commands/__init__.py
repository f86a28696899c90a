"""What can be asked: one frozen dataclass per command, imperative names.

``services/run.py`` holds the table command → service. A command queued by a policy has an
identifier derived from the event that caused it, so sending it twice is harmless.
"""

from dataclasses import dataclass
from datetime import datetime

from facteur.domain.commands.deciding import AcceptDocument as AcceptDocument
from facteur.domain.commands.deciding import AskApproval as AskApproval
from facteur.domain.commands.deciding import AskTogether as AskTogether
from facteur.domain.commands.deciding import ClearDuplicates as ClearDuplicates
from facteur.domain.commands.deciding import CodeDocument as CodeDocument
from facteur.domain.commands.deciding import CorrectDocument as CorrectDocument
from facteur.domain.commands.deciding import DeclareKind as DeclareKind
from facteur.domain.commands.deciding import DeleteDocument as DeleteDocument
from facteur.domain.commands.deciding import FreeDocument as FreeDocument
from facteur.domain.commands.deciding import KeepUnsent as KeepUnsent
from facteur.domain.commands.deciding import KeepWhole as KeepWhole
from facteur.domain.commands.deciding import LearnFromDocument as LearnFromDocument
from facteur.domain.commands.deciding import LiftCircuit as LiftCircuit
from facteur.domain.commands.deciding import RefuseDocument as RefuseDocument
from facteur.domain.commands.deciding import ReleaseDoubles as ReleaseDoubles
from facteur.domain.commands.deciding import ReplayDocument as ReplayDocument
from facteur.domain.commands.deciding import RestoreDocument as RestoreDocument
from facteur.domain.commands.deciding import ReviewCircuit as ReviewCircuit
from facteur.domain.commands.deciding import ReviewWaiting as ReviewWaiting
from facteur.domain.commands.deciding import SealDocument as SealDocument
from facteur.domain.commands.deciding import SealFile as SealFile
from facteur.domain.commands.deciding import SetAccounting as SetAccounting
from facteur.domain.commands.deciding import SetPayment as SetPayment
from facteur.domain.commands.deciding import SplitDocument as SplitDocument
from facteur.domain.commands.deciding import TransferDocument as TransferDocument
from facteur.domain.commands.deciding import TrashDocument as TrashDocument
from facteur.domain.commands.deciding import WriteParts as WriteParts
from facteur.domain.commands.ereporting import BuildReport as BuildReport
from facteur.domain.commands.ereporting import CheckReport as CheckReport
from facteur.domain.commands.ereporting import FollowReport as FollowReport
from facteur.domain.commands.ereporting import ForwardReport as ForwardReport
from facteur.domain.commands.ereporting import ReviewReports as ReviewReports
from facteur.domain.commands.ereporting import SealReport as SealReport
from facteur.domain.commands.ereporting import TransmitReport as TransmitReport
from facteur.domain.commands.lifecycle import ApplyStatus as ApplyStatus
from facteur.domain.commands.lifecycle import CheckStatus as CheckStatus
from facteur.domain.commands.lifecycle import LinkInvoice as LinkInvoice
from facteur.domain.commands.lifecycle import SeeStatuses as SeeStatuses
from facteur.domain.commands.lifecycle import SetStatus as SetStatus
from facteur.domain.commands.people import BeginReset as BeginReset
from facteur.domain.commands.people import BeginSignUp as BeginSignUp
from facteur.domain.commands.people import ConfirmAddress as ConfirmAddress
from facteur.domain.commands.people import CopyNotifications as CopyNotifications
from facteur.domain.commands.people import CountWaiting as CountWaiting
from facteur.domain.commands.people import Deliver as Deliver
from facteur.domain.commands.people import FetchAgain as FetchAgain
from facteur.domain.commands.people import FetchMailbox as FetchMailbox
from facteur.domain.commands.people import ForwardDocument as ForwardDocument
from facteur.domain.commands.people import FreeAddress as FreeAddress
from facteur.domain.commands.people import ImportKit as ImportKit
from facteur.domain.commands.people import MarkHosted as MarkHosted
from facteur.domain.commands.people import RecordFeedback as RecordFeedback
from facteur.domain.commands.people import SendDigest as SendDigest
from facteur.domain.commands.people import SendDigests as SendDigests
from facteur.domain.commands.people import SendInvitation as SendInvitation
from facteur.domain.commands.people import Sweep as Sweep
from facteur.domain.commands.people import TellAccess as TellAccess
from facteur.domain.commands.people import TryServer as TryServer
from facteur.domain.commands.people import WriteExport as WriteExport
from facteur.domain.commands.platforms import AdvanceSwitch as AdvanceSwitch
from facteur.domain.commands.platforms import FollowSending as FollowSending
from facteur.domain.commands.platforms import ForgetConsent as ForgetConsent
from facteur.domain.commands.platforms import SendInvoice as SendInvoice
from facteur.domain.commands.platforms import SyncConnection as SyncConnection
from facteur.domain.commands.platforms import TakeFlow as TakeFlow
from facteur.domain.commands.platforms import TellSwitch as TellSwitch
from facteur.domain.commands.platforms import TransmitInvoice as TransmitInvoice
from facteur.domain.commands.platforms import TransmitStatus as TransmitStatus
from facteur.domain.commands.reading import CheckInvoice as CheckInvoice
from facteur.domain.commands.reading import CollectOcr as CollectOcr
from facteur.domain.commands.reading import ConvertDocument as ConvertDocument
from facteur.domain.commands.reading import DrawPages as DrawPages
from facteur.domain.commands.reading import IndexWords as IndexWords
from facteur.domain.commands.reading import PrintMail as PrintMail
from facteur.domain.commands.reading import ReadDocument as ReadDocument
from facteur.domain.commands.reading import ReceiveMail as ReceiveMail
from facteur.domain.commands.reading import ReceiveUpload as ReceiveUpload
from facteur.domain.commands.serving import DeliverHook as DeliverHook
from facteur.domain.commands.serving import FollowSubmission as FollowSubmission
from facteur.domain.commands.serving import PublishDocument as PublishDocument
from facteur.domain.commands.serving import PublishStatus as PublishStatus
from facteur.domain.commands.serving import TakeSubmission as TakeSubmission

Command = (
    ReceiveMail
    | PrintMail
    | ReceiveUpload
    | ReadDocument
    | DrawPages
    | IndexWords
    | CollectOcr
    | ConvertDocument
    | CheckInvoice
    | CorrectDocument
    | AcceptDocument
    | LiftCircuit
    | ReviewWaiting
    | ReviewCircuit
    | RefuseDocument
    | ClearDuplicates
    | ReleaseDoubles
    | DeclareKind
    | SplitDocument
    | KeepWhole
    | WriteParts
    | SealFile
    | SealDocument
    | KeepUnsent
    | TransferDocument
    | LearnFromDocument
    | CodeDocument
    | FreeDocument
    | SetAccounting
    | SetPayment
    | WriteExport
    | ImportKit
    | ForwardDocument
    | Deliver
    | TryServer
    | ReplayDocument
    | TrashDocument
    | RestoreDocument
    | DeleteDocument
    | BeginSignUp
    | BeginReset
    | TellAccess
    | SendInvitation
    | CountWaiting
    | MarkHosted
    | FetchMailbox
    | FetchAgain
    | FreeAddress
    | AskApproval
    | AskTogether
    | SendDigests
    | SendDigest
    | ConfirmAddress
    | CopyNotifications
    | RecordFeedback
    | SyncConnection
    | TakeFlow
    | SendInvoice
    | TransmitInvoice
    | TransmitStatus
    | FollowSending
    | ForgetConsent
    | AdvanceSwitch
    | TellSwitch
    | TakeSubmission
    | FollowSubmission
    | PublishDocument
    | PublishStatus
    | DeliverHook
    | SetStatus
    | CheckStatus
    | ApplyStatus
    | SeeStatuses
    | LinkInvoice
    | BuildReport
    | CheckReport
    | TransmitReport
    | FollowReport
    | ReviewReports
    | SealReport
    | ForwardReport
    | Sweep
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheduled:
    """A command in the agenda: its identifier and when it is due."""

    id: str
    command: Command
    due: datetime
