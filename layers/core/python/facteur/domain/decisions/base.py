"""What every decision is made of: its result, who decides, and the two gestures they share."""

from dataclasses import dataclass
from datetime import datetime

from facteur.domain.documents import Channel, Document, State
from facteur.domain.errors import IllegalTransitionError
from facteur.domain.events import SYSTEM, Event, Happened


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A new head and the events that explain it."""

    document: Document
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who decides: a user, or the system."""

    id: str = SYSTEM
    name: str = ""


THE_SYSTEM = Actor()


def told(name: Happened, at: datetime, actor: Actor = THE_SYSTEM, **values: str) -> Event:
    """An event signed by an actor."""
    return Event(name=name, at=at, by=actor.id, by_name=actor.name, values=values)


def require(document: Document, step: str, *states: State) -> None:
    """IllegalTransitionError unless the document stands in one of these states."""
    if document.state not in states:
        raise IllegalTransitionError(
            "document.illegal_transition", step=step, state=document.state.value
        )


def file_of(document: Document) -> dict[str, str]:
    """The file that a part was cut from: what is decided about a part concerns it too."""
    return {} if document.part_of is None else {"file": document.part_of.document}


def by_platform(document: Document) -> dict[str, str]:
    """Said of a document that a plateforme agréée brought: the other party waits for an answer."""
    came = any(source.channel is Channel.PA for source in document.sources)
    return {"pa": "1"} if came else {}


def sealing(document: Document) -> dict[str, str]:
    """Said of what may end the wait of a sale to be sent: its sealing follows (awaiting.py)."""
    return {"seal": "1"} if document.to_send_since else {}
