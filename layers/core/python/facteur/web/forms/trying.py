"""A form's page: as it is first seen, or with what was typed and every fault beside its field."""

from typing import Any

from facteur.domain.errors import FacteurError
from facteur.web import failures, i18n
from facteur.web.answers import Answer
from facteur.web.visit import Visit


def form_page(
    visit: Visit, template: str, error: FacteurError | None, *, part: str = "", **values: Any
) -> Answer:
    """A form's page: as it is first seen, or ``again`` after an error.

    ``part``: what htmx gets of it, as long as nothing is wrong.
    """
    if error is not None:
        return again(visit, template, error, **values)
    return visit.page(template, part=part, errors={}, wrong="", **values)


def again(visit: Visit, template: str, error: FacteurError, **values: Any) -> Answer:
    """The form's page with ``errors`` (sentence by field) and ``wrong`` (what has no field)."""
    faults = getattr(error, "faults", ())
    errors = {one.path: i18n.fault_text(one) for one in faults if one.path}
    loose = i18n.fault_texts(one for one in faults if not one.path)
    wrong = loose or ("" if errors else i18n.error_text(error))
    return visit.page(
        template, status=failures.status_of(error), errors=errors, wrong=wrong, **values
    )
