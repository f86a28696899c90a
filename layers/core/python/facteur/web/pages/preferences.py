"""Paramètres › Préférences d'application › Factures d'achat: who accepts what arrives.

The mode with its three explained choices, the options as switches, the approved senders, the
approval circuits. The words of the choices are those that users of this kind of product know
(rows JF-33 to JF-44 of the product's contract).
"""

import re
from decimal import Decimal

from facteur.domain.acceptance import MOST_APPROVERS, Circuit, Mode, absent
from facteur.domain.documents import Approver
from facteur.domain.dossiers import PERMISSIONS, Permission
from facteur.domain.errors import InvalidError, StaleVersionError
from facteur.domain.faults import Fault
from facteur.domain.french import figure
from facteur.domain.identifiers import compact, is_siren
from facteur.domain.seen import mark
from facteur.domain.typed import parse_value
from facteur.services.deciding import circuits
from facteur.services.deciding import preferences as service
from facteur.web import failures
from facteur.web.answers import Answer
from facteur.web.i18n import _
from facteur.web.site import page
from facteur.web.visit import Visit

PATH = "/parametres/achats"
_MOST_SUPPLIERS = 200
_SEPARATORS = re.compile(r"[,;\n]")

#: The three choices of « Approuver la réception », with the words that explain them.
MODES = (
    (
        Mode.MANUAL,
        "Manuellement",
        "Un utilisateur doit approuver chaque document individuellement.",
    ),
    (
        Mode.TRUSTED,
        "Excepté fournisseurs de confiance",
        (
            "Les factures d’un fournisseur de confiance seront automatiquement acceptées. Vous "
            "pouvez marquer un fournisseur comme étant de confiance directement sur sa fiche via "
            "le menu Clients & Fournisseurs."
        ),
    ),
    (
        Mode.AUTOMATIC,
        "Automatiquement",
        (
            "Les documents n’ont pas besoin d’approbation pour la réception, sauf quand ils "
            "demandent à être payés sur un IBAN que personne n’a encore approuvé."
        ),
    ),
)


@page(PATH)
def purchases(visit: Visit) -> Answer:
    """The choices in force; a gérant may change them."""
    return _page(visit)


def _page(visit: Visit, *, errors: tuple[Fault, ...] = (), status: int = 200) -> Answer:
    held = service.preferences(visit.caller, visit.context)
    asked = visit.field("circuit") if errors else visit.query("circuit")
    edited = next((one for one in held.circuits if one.id == asked), None)
    circuit_seen = mark(edited, service.CIRCUIT) if edited else ""
    if edited and status == 422:  # perhaps not compared yet: it shows what it showed
        circuit_seen = visit.field("seen")
    typed = {name: visit.field(name) if errors else "" for name in _TYPED}
    chosen = visit.fields("approvers") if errors else ()
    if edited is not None and not errors:
        typed |= _typed_of(edited)
        chosen = tuple(one.id for one in edited.approvers)
    there = _deciders(visit)
    asked_of = [who for one in held.circuits for who in one.approvers]
    return visit.page(
        "preferences.html",
        status=status,
        held=held,
        seen=mark(held, service.OPTIONS),
        edited=edited,
        circuit_seen=circuit_seen,
        modes=[(one.value, _(label), _(text)) for one, label, text in MODES],
        members=there,
        absent=absent(asked_of, {one.id for one in there}),
        waiting=circuits.waiting(visit.caller, visit.context),
        apply=visit.field("waiting") == "1" if errors and visit.field("name") else True,
        editable=visit.can("manage"),
        errors=errors,
        typed=typed,
        chosen=chosen,
    )


def _typed_of(circuit: Circuit) -> dict[str, str]:
    """A circuit as its form is filled."""
    return {
        "name": circuit.name,
        "suppliers": ", ".join(circuit.suppliers),
        "above": "" if circuit.above is None else figure(circuit.above),
        "category": circuit.category,
        "outsiders": ", ".join(
            one.email for one in circuit.approvers if one.id.startswith("mail:")
        ),
    }


_TYPED = ("sender", "name", "suppliers", "above", "category", "outsiders")


def _deciders(visit: Visit) -> tuple[Approver, ...]:
    """The members who may accept: whom a circuit may ask."""
    return tuple(
        Approver(id=one.user, name=one.name, email=one.email)
        for one in visit.context.store.members(visit.caller.dossier)
        if Permission.DECIDE in PERMISSIONS[one.role]
    )


@page(PATH, "POST", permission=Permission.MANAGE)
def choose(visit: Visit) -> Answer:
    """Save the mode and the options."""
    try:
        service.choose(
            visit.caller,
            mode=visit.field("mode"),
            find_duplicates=visit.field("find_duplicates") == "1",
            block_duplicates=visit.field("block_duplicates") == "1",
            accept_senders=visit.field("accept_senders") == "1",
            seen=visit.field("seen"),
            context=visit.context,
        )
    except (InvalidError, StaleVersionError) as error:
        return _page(visit, errors=error.faults, status=failures.status_of(error))
    return visit.go(PATH, fait="preferences")


@page(f"{PATH}/expediteurs", "POST", permission=Permission.MANAGE)
def add_sender(visit: Visit) -> Answer:
    """Approve an address or a domain."""
    try:
        service.add_sender(visit.caller, visit.field("sender"), visit.context)
    except InvalidError as error:
        return _page(visit, errors=error.faults, status=422)
    return visit.go(PATH, fait="sender_added")


@page(f"{PATH}/expediteurs/retirer", "POST", permission=Permission.MANAGE)
def remove_sender(visit: Visit) -> Answer:
    """Take an address or a domain off the list."""
    service.remove_sender(visit.caller, visit.field("sender"), visit.context)
    return visit.go(PATH, fait="sender_removed")


@page(f"{PATH}/circuits", "POST", permission=Permission.MANAGE)
def keep_circuit(visit: Visit) -> Answer:
    """Add an approval circuit, or change one."""
    faults: list[Fault] = []
    known = {one.id: one for one in _deciders(visit)}
    approvers = [known[one] for one in visit.fields("approvers") if one in known]
    for address in _SEPARATORS.split(visit.field("outsiders"))[:MOST_APPROVERS]:
        if not address.strip():
            continue
        outside = service.outsider(address)
        if isinstance(outside, Fault):
            faults.append(outside)
        else:
            approvers.append(outside)
    suppliers = [
        compact(one) for one in _SEPARATORS.split(visit.field("suppliers")) if one.strip()
    ]
    faults += [
        Fault(code="siren.invalid", path="suppliers", values={"value": one[:40]})
        for one in suppliers[:_MOST_SUPPLIERS]
        if not is_siren(one)
    ]
    above = parse_value("amount", visit.field("above"), path="above")
    if isinstance(above, Fault):
        faults.append(above)
        above = None
    waiting, circuit = visit.field("waiting") == "1", visit.field("circuit")
    try:
        if faults:
            raise InvalidError(tuple(faults))  # noqa: TRY301 - shown like the service's own
        service.keep_circuit(
            visit.caller,
            circuit=circuit,
            name=visit.field("name"),
            approvers=tuple(approvers),
            suppliers=tuple(dict.fromkeys(suppliers[:_MOST_SUPPLIERS])),
            above=above if isinstance(above, Decimal) else None,
            category=visit.field("category"),
            waiting=waiting,
            seen=visit.field("seen"),
            context=visit.context,
        )
    except (InvalidError, StaleVersionError) as error:
        return _page(visit, errors=error.faults, status=failures.status_of(error))
    done = "circuit_changed" if circuit else "circuit_added"
    return visit.go(PATH, fait=f"{done}_applied" if waiting else done)


@page(PATH + "/circuits/{circuit}/retirer", "POST", permission=Permission.MANAGE)
def remove_circuit(visit: Visit, circuit: str) -> Answer:
    """Remove a circuit; what it stopped goes to the next that does, or is let go."""
    service.remove_circuit(visit.caller, circuit, visit.context)
    return visit.go(PATH, fait="circuit_removed")
