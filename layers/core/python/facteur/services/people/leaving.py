"""What goes with whoever leaves a dossier: the invitations that they had sent.

Whom they named would come in after them, and nobody who stayed had wanted it. A link that was
mailed is worth nothing as soon as its invitation is no longer open.
"""

from dataclasses import replace

from facteur.domain.people import Invitation, InvitationState, of_dossier
from facteur.ports import Context, PeopleChanges

MOST_AT_ONCE = 80  # in one transaction (DynamoDB takes 100 actions)


def taken_back(
    dossier: str, context: Context, *, by: str = "", firm: str = ""
) -> tuple[Invitation, ...]:
    """The open invitations of a member (``by``) or of a firm, by its name, taken back: to be
    committed with what makes them leave. Those beyond one transaction are committed here."""
    found = tuple(
        replace(one, state=InvitationState.CANCELLED)
        for one in context.people.invitations(of_dossier(dossier))
        if one.state is InvitationState.OPEN
        and ((by and one.by == by) or (firm and one.firm_name == firm))
    )
    while len(found) > MOST_AT_ONCE:
        context.people.commit(PeopleChanges(invitations=found[:MOST_AT_ONCE]))
        found = found[MOST_AT_ONCE:]
    return found
