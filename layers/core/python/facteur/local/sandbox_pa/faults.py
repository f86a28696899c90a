"""What the test platform can be told to do wrong, each with a number.

A number of times for what happens to calls and files (-1: until it is set to 0), seconds for what
is slow, 1 or 0 for a way of behaving.
"""

from collections.abc import Mapping

from facteur.local.sandbox_pa.store import Store

#: Name → (what it does in French, unit).
FAULTS: Mapping[str, tuple[str, str]] = {
    "slow": ("Répondre lentement à chaque appel", "secondes"),
    "drop_after_accept": ("Prendre le dépôt, puis couper sans répondre", "fois"),
    "error_500": ("Répondre 500", "fois"),
    "error_503": ("Répondre 503", "fois"),
    "throttle": ("Répondre 429, « réessayez dans une seconde »", "fois"),
    "down": ("Être en panne : 503 à tout", "oui = 1"),
    "token_seconds": ("Durée de vie des jetons (0 : 30 minutes)", "secondes"),
    "virus": ("Déclarer le prochain dépôt infecté", "fois"),
    "checksum": ("Déclarer le prochain dépôt altéré", "fois"),
    "corrupt": ("Donner un fichier abîmé", "fois"),
    "duplicates": ("Donner deux fois ce qui arrive", "oui = 1"),
    "out_of_order": ("Donner les statuts dans le désordre", "oui = 1"),
    "routing_error": ("Dire 221 (erreur de routage) au lieu de 202", "fois"),
    "report_rejected": ("Rejeter la prochaine déclaration d’e-reporting (301)", "fois"),
    "version_12": ("Parler la version 1.2.0 : ni curseur ni ordre", "oui = 1"),
    "ack_seconds": ("Attendre avant d’acquitter", "secondes"),
}


class Faults:
    """The faults that are set; those that count down do so when they happen."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def value(self, name: str) -> int:
        """The number that is set, 0 when none is."""
        return self._store.faults().get(name, 0)

    def happens(self, name: str) -> bool:
        """True when it must happen now; one time less is left."""
        left = self.value(name)
        if left > 0:
            self._store.set_fault(name, left - 1)
        return left != 0

    def set(self, name: str, value: int) -> bool:
        """Set one; False when there is none of this name."""
        if name not in FAULTS:
            return False
        self._store.set_fault(name, value)
        return True

    def all(self) -> Mapping[str, int]:
        """Every fault with its number."""
        held = self._store.faults()
        return {name: held.get(name, 0) for name in FAULTS}
