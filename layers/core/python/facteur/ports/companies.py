"""The register of companies: who hides behind a SIREN."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """A company as the register shows it; what it does not show is empty."""

    siren: str
    name: str
    siret: str = ""  # of the head office
    address: str = ""
    postcode: str = ""
    city: str = ""
    active: bool = True


class Companies(Protocol):
    """Looks companies up."""

    def find(self, siren: str) -> Company | None:
        """The company with this SIREN, None when the register has none; UnavailableError."""
        ...
