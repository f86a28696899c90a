"""The sandbox twin of the company registers: a few fictitious companies, no network.

Its SIRENs start with 3000, which INSEE does not give: no real company is ever shown. One of them
stands for a register that does not answer.
"""

from facteur.domain.errors import UnavailableError
from facteur.ports import Company

#: The SIREN that plays a register that is away.
AWAY = "300099991"

COMPANIES = tuple(
    Company(
        siren=siren, name=name, siret=siren + nic, address=address, postcode=postcode, city=city
    )
    for siren, nic, name, address, postcode, city in (
        ("300000007", "00017", "Maison Delorme", "8 rue des Tanneurs", "21000", "Dijon"),
        ("300010006", "00018", "Atelier Vermont", "14 quai des Brumes", "29200", "Brest"),
        ("300020005", "00019", "Transports Lacaze", "2 route de l’Écluse", "31000", "Toulouse"),
        ("300030004", "00010", "Cabinet Auclair", "5 place du Marché", "35000", "Rennes"),
        ("300040003", "00011", "Cabinet Brossard", "27 rue Neuve", "59000", "Lille"),
    )
)


class SandboxCompanies:
    """Implements facteur.ports.Companies."""

    def find(self, siren: str) -> Company | None:
        """The company with this SIREN, None when it is not among them; UnavailableError."""
        if siren == AWAY:
            raise UnavailableError("unavailable", service="companies", reason="sandbox")
        return next((one for one in COMPANIES if one.siren == siren), None)
