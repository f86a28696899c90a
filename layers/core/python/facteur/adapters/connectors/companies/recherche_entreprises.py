"""The State's register of companies: API Recherche d'entreprises. No key, 7 requests a second.

One question, by SIREN, with short time-outs: a sign-up page waits for nobody, and asks the person
to type what the register does not say. A company that chose not to be shown (« diffusion
partielle ») may be missing there and exist all the same.

Source: https://recherche-entreprises.api.gouv.fr/docs/
"""

from typing import Any

import httpx

from facteur.domain.errors import UnavailableError
from facteur.ports import Company

URL = "https://recherche-entreprises.api.gouv.fr/search"
_TIMEOUT = httpx.Timeout(3.0, connect=2.0)
_MOST_TEXT = 200


class RechercheEntreprises:
    """Implements facteur.ports.Companies. ``transport`` is given by tests."""

    def __init__(self, transport: httpx.BaseTransport | None = None) -> None:
        self._transport = transport

    def find(self, siren: str) -> Company | None:
        """The company with this SIREN, None when the register has none; UnavailableError."""
        parameters = {
            "q": siren,
            "page": "1",
            "per_page": "1",
            "minimal": "true",
            "include": "siege",
        }
        try:
            with httpx.Client(transport=self._transport, timeout=_TIMEOUT) as client:
                answer = client.get(URL, params=parameters)
                answer.raise_for_status()
                return _company(answer.json(), siren)
        except (httpx.HTTPError, ValueError, KeyError, TypeError, AttributeError) as error:
            reason = type(error).__name__
            raise UnavailableError("unavailable", service="companies", reason=reason) from error


def _company(body: Any, siren: str) -> Company | None:
    """The company of an answer that is about this very SIREN; strange answers raise."""
    for one in body["results"]:
        if one.get("siren") != siren:
            continue
        office = one.get("siege") or {}
        return Company(
            siren=siren,
            name=_text(one.get("nom_raison_sociale") or one.get("nom_complet")),
            siret=_text(office.get("siret")),
            address=_street(office),
            postcode=_text(office.get("code_postal")),
            city=_text(office.get("libelle_commune")),
            active=one.get("etat_administratif") != "C",
        )
    return None


def _street(office: dict[str, Any]) -> str:
    """The address without the postcode and town, which have fields of their own."""
    whole, postcode = _text(office.get("adresse")), _text(office.get("code_postal"))
    street = whole.partition(f" {postcode} ")[0] if postcode else whole
    return street.strip()


def _text(value: Any) -> str:
    """A text on one line; what the register hides (« [NON-DIFFUSIBLE] ») is empty."""
    if not isinstance(value, str) or "NON-DIFFUSIBLE" in value:
        return ""
    return " ".join(value.split())[:_MOST_TEXT]
