"""A gérant's choices about purchases: acceptance mode, doubles, approved senders, circuits.

Every change is checked whole, written with its line in the dossier's journal, and holds from the
next invoice on; circuits hold for what waits already too (circuits.py).
"""

from dataclasses import replace
from decimal import Decimal

from facteur.domain import acceptance
from facteur.domain.acceptance import Circuit, Mode, Preferences
from facteur.domain.circuits import Change
from facteur.domain.documents import Approver
from facteur.domain.dossiers import Caller, Permission, normalise_address
from facteur.domain.errors import InvalidError, NotFoundError
from facteur.domain.faults import Fault
from facteur.domain.seen import refuse_moved
from facteur.ports import Context
from facteur.services.deciding import circuits
from facteur.services.journalling import entry_by
from facteur.services.staircase import send

#: What the form of the acceptance saves at once, and that of a circuit.
OPTIONS = ("acceptance", "find_duplicates", "block_duplicates", "accept_senders")
CIRCUIT = ("name", "approvers", "suppliers", "above", "category")


def preferences(caller: Caller, context: Context) -> Preferences:
    """What the caller's dossier chose."""
    caller.require(Permission.READ)
    return context.preferences.load(caller.dossier)


def choose(
    caller: Caller,
    *,
    mode: str,
    find_duplicates: bool,
    block_duplicates: bool,
    accept_senders: bool,
    context: Context,
    seen: str = "",
) -> Preferences:
    """« Approuver la réception » and its three options; InvalidError (``acceptance.mode``).

    StaleVersionError when they are not those that the form showed (``seen``).
    """
    held = _mine(caller, context)
    refuse_moved(seen, held, OPTIONS)
    if mode not in [one.value for one in Mode]:
        raise InvalidError((Fault(code="acceptance.mode", path="mode"),))
    chosen = replace(
        held,
        acceptance=Mode(mode),
        find_duplicates=find_duplicates,
        block_duplicates=block_duplicates,
        accept_senders=accept_senders,
    )
    changed = {
        name: f"{_shown(getattr(held, name))} → {_shown(getattr(chosen, name))}"
        for name in OPTIONS
        if getattr(held, name) != getattr(chosen, name)
    }
    if not changed:
        return held
    return _save(caller, chosen, "preferences.chosen", changed, context)


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "oui" if value else "non"
    return str(value)


def print_bodies(caller: Caller, *, on: bool, context: Context) -> Preferences:
    """Whether a mail without attachment whose body is a receipt makes a document (PE-38)."""
    held = _mine(caller, context)
    if held.print_bodies == on:
        return held
    chosen = replace(held, print_bodies=on)
    return _save(caller, chosen, "preferences.bodies", {"print_bodies": _shown(on)}, context)


def add_sender(caller: Caller, text: str, context: Context) -> Preferences:
    """Approve an address or a whole @domain (JF-43); InvalidError for what is neither."""
    held = _mine(caller, context)
    kept = acceptance.sender_of(text)
    if isinstance(kept, Fault):
        raise InvalidError((kept,))
    if kept in held.senders:
        return held
    chosen = replace(held, senders=tuple(sorted((*held.senders, kept))))
    return _save(caller, chosen, "sender.added", {"sender": kept}, context)


def remove_sender(caller: Caller, sender: str, context: Context) -> Preferences:
    """Take an address or a domain off the list."""
    held = _mine(caller, context)
    if sender not in held.senders:
        return held
    chosen = replace(held, senders=tuple(one for one in held.senders if one != sender))
    return _save(caller, chosen, "sender.removed", {"sender": sender}, context)


def keep_circuit(
    caller: Caller,
    *,
    name: str,
    approvers: tuple[Approver, ...],
    suppliers: tuple[str, ...],
    above: Decimal | None,
    category: str,
    context: Context,
    circuit: str = "",
    waiting: bool = False,
    seen: str = "",
) -> Preferences:
    """Add an approval circuit at the end of the list, or change one in its place.

    InvalidError with all its faults; NotFoundError for a ``circuit`` that this dossier does not
    have; StaleVersionError for one that is not what the form showed (``seen``). ``waiting``: it
    holds for what waits for a decision already (circuits.py).
    """
    held = _mine(caller, context)
    before = next((one for one in held.circuits if one.id == circuit), None)
    if circuit and before is None:
        raise NotFoundError("not_found")
    refuse_moved(seen, before, CIRCUIT)
    kept = Circuit(
        id=circuit or context.ids.new(),
        name=name.strip()[:80],
        approvers=tuple({one.id: one for one in approvers}.values()),
        suppliers=suppliers,
        above=above,
        category=category.strip()[:80],
    )
    circuits_ = tuple(kept if one.id == kept.id else one for one in held.circuits)
    chosen = replace(held, circuits=circuits_ if before else (*held.circuits, kept))
    values = {"name": kept.name, "approvers": ", ".join(one.email for one in approvers)}
    if waiting:
        values["waiting"] = "oui"
    _check(chosen)
    what = "circuit.changed" if before else "circuit.added"
    if not waiting:
        return _save(caller, chosen, what, values, context)
    walk = circuits.announced(caller, _change(before or kept), held.version, context)
    saved = _save(caller, chosen, what, values, context)
    send(walk, context)
    return saved


def remove_circuit(caller: Caller, circuit: str, context: Context) -> Preferences:
    """Remove a circuit; the invoices that it stopped go to the next that does, or are let go.

    NotFoundError for one that this dossier does not have.
    """
    held = _mine(caller, context)
    gone = [one for one in held.circuits if one.id == circuit]
    if not gone:
        raise NotFoundError("not_found")
    chosen = replace(held, circuits=tuple(one for one in held.circuits if one.id != circuit))
    walk = circuits.announced(caller, _change(gone[0]), held.version, context)
    saved = _save(caller, chosen, "circuit.removed", {"name": gone[0].name}, context)
    send(walk, context)
    return saved


def _change(circuit: Circuit) -> Change:
    return Change(circuit=circuit.id, name=circuit.name, approvers=circuit.approvers)


def outsider(address: str) -> Approver | Fault:
    """Somebody without an account who approves by a link sent to his address."""
    kept = acceptance.sender_of(address)
    if isinstance(kept, Fault) or kept.startswith("@"):
        return Fault(code="approver.invalid", path="outsiders", values={"address": address[:100]})
    return Approver(id=f"mail:{normalise_address(kept)}", email=kept)


def _mine(caller: Caller, context: Context) -> Preferences:
    caller.require(Permission.MANAGE)
    return context.preferences.load(caller.dossier)


def _check(chosen: Preferences) -> None:
    faults = acceptance.faults_of(chosen)
    if faults:
        raise InvalidError(faults)


def _save(
    caller: Caller,
    chosen: Preferences,
    what: str,
    values: dict[str, str],
    context: Context,
) -> Preferences:
    _check(chosen)
    entry = entry_by(caller, what, values, context)
    return context.preferences.save(chosen, (entry,))
