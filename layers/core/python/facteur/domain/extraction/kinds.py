"""What a document is: an invoice, a credit note, a receipt… or something else altogether.

The title decides: a short cell that starts with the kind's name, high on the page, large or in
capitals. A quote, an order, a delivery note, a statement of account, a payslip, a contract is
said to be what it is, and no invoice is read from it. Without any title, only a page that has
what an invoice must have (an amount to pay that adds up, an identified seller) counts as one.
"""
# ruff: noqa: E501

import re
from dataclasses import dataclass

from facteur.domain.extraction.labels import compiled
from facteur.domain.extraction.lines import Row, Spot
from facteur.domain.extraction.page import Reader
from facteur.domain.extraction.spotting import Spotter

#: Kinds whose pages are read as invoices; each is a type word of candidate.TYPE_CODES.
INVOICES = frozenset(
    {"invoice", "credit_note", "prepayment", "corrective", "self_billed", "receipt"}
)

_TITLES = tuple(
    (kind, weight, compiled(pattern))
    for kind, weight, pattern in (
        ("credit_note", 1.0, r"(?:facture d'|avis d')?avoir|note de credit|credit note|credit memo|creditnota|creditfactuur|nota de credito|storno-?rechnung|rechnungsstorno|korrektur-?gutschrift"),
        ("credit_note", 0.75, r"gutschrift"),
        ("self_billed", 1.1, r"gutschrift \(? ?selbst ausgestellte rechnung ?\)?|auto-?factur(?:e|ation)|self-?bill(?:ed|ing)(?: invoice)?|gutschrift(?:s)?verfahren|facture (?:emise )?par (?:le client|mandat)"),
        ("prepayment", 1.05, r"facture (?:d'|de )?acompte|(?:prepayment|deposit|advance(?: payment)?|down ?payment) invoice|abschlags-?rechnung|anzahlungs-?rechnung|voorschotfactuur|demande d'acompte"),
        ("corrective", 1.05, r"facture (?:rectificative|corrective|de correction)|correct(?:ed|ive) invoice|rechnungskorrektur|korrekturrechnung|facture annule et remplace"),
        ("invoice", 1.0, r"(?:votre |ma )?facture(?: de (?:solde|situation|vente|prestations?)| finale| electronique| simplifiee)?|(?:tax |commercial |sales |final )?invoice|(?:simplified )?tax invoice|[a-z]*rechnung|factuur|fattura|factura|note d'honoraires|memoire|note de debit|bill|facture(?= n)"),
        ("receipt", 0.9, r"ticket(?: de caisse)?|recu(?: de (?:paiement|caisse))?|(?:payment |sales |cash )?receipt|cash (?:sales?|bill|sale)|quittance(?: de loyer)?|kassenbon|kassenbeleg|quittung|kassabon|justificatif de paiement|note de restaurant|(?:note|addition)(?= (?:n ?°|du ))"),
        ("proforma", 1.1, r"(?:facture )?pro-? ?forma(?: invoice)?|proformarechnung"),
        ("quote", 1.0, r"devis(?: estimatif)?|quotation|quote|estimate|angebot|kostenvoranschlag|offerte|proposition commerciale|offre de prix|estimation (?:de prix|des travaux)|demande de prix|chiffrage"),
        ("order", 1.0, r"(?:bon|confirmation|accuse de reception|ar) de (?:la )?commande|commande (?:fournisseur|client|d'achat)|commande N°|purchase order|order (?:confirmation|form)|sales order|bestellung|auftragsbestatigung|auftrag|orderbevestiging|recapitulatif (?:de |du )?(?:la |votre )?commande|confirmation de reservation|booking confirmation|bon d'achat"),
        ("delivery_note", 1.0, r"(?:bon|bordereau|avis) (?:de |d')(?:livraison|expedition|reception|retour|sortie|preparation|reprise|transport|pesee|enlevement)|delivery (?:note|slip)|packing (?:slip|list)|dispatch note|lieferschein|pakbon|lettre de voiture|cmr"),
        ("statement", 1.0, r"releve (?:de |d')(?:compte|factures?|operations?|identite bancaire)s?|(?:account|bank|billing) statement|statement(?: of account)?|kontoauszug|situation de compte|decompte de charges|appel de (?:fonds|cotisations?|charges)|extrait de compte|rekeningoverzicht|echeancier|avis d'echeance|tableau d'amortissement|balance agee|avis (?:de |d')(?:paiement|virement|reglement|credit|debit|operation)|remittance advice|zahlungsavis|ordre de virement(?: execute)?|(?:confirmation|preuve) de (?:virement|paiement)|virement (?:sepa )?(?:execute|emis|recu)"),
        ("other", 1.0, r"(?:note|etat|fiche) de frais|expense (?:report|claim)|avis d'imposition|avis de (?:cotisation|taxe)[a-z ]*|extrait kbis|liste de prix|price list|tarifs? (?:20\d\d|general|public)|bon d'intervention|ordre de mission|etat des lieux|feuille de (?:temps|presence)|timesheet"),
        ("payslip", 1.1, r"(?:bulletin|fiche|feuille) de (?:paie|paye|salaire)|pay ?slip|payroll|lohnabrechnung|gehaltsabrechnung|loonstrook|bulletin de remuneration"),
        ("contract", 1.0, r"contrat(?: de [a-z' ]+)?|conditions generales(?: de vente)?|contract|agreement|vertrag|convention|avenant|bail commercial|statuts|mandat sepa|mandat de prelevement"),
        ("reminder", 1.0, r"relance(?: N°)?|mise en demeure|rappel de (?:facture|paiement)|payment reminder|mahnung|zahlungserinnerung|lettre de rappel|aanmaning|(?:first|second|third|final|last) (?:reminder|notice)|overdue notice|(?:premier|deuxieme|second|dernier) rappel"),
        ("letter", 0.9, r"attestation(?: (?:d'|de )[a-z' ]{3,40})?|certificat(?: (?:d'|de )[a-z' ]{3,40})?"),
        ("letter", 0.7, r"curriculum vitae|proces-verbal|compte rendu|declaration"),
    )
)  # fmt: skip
_SPOTTER = Spotter([pattern for _, _, pattern in _TITLES])
_SPECIAL = frozenset({"prepayment", "corrective", "self_billed"})
_SELF = re.compile(
    r"selbst ausgestellte rechnung|autofactur|self-? ?bill|facture etablie par .{0,30} au nom et pour le compte"
)
#: What a page says of itself in its sentences, and the title of an invoice that outweighs it.
_TOLD = (
    ("other", re.compile(r"n'est pas une facture|ne constitue pas une facture|not an? (?:tax )?invoice|keine rechnung\b|ne vaut pas facture|tient pas lieu de facture"), 0.75),
    ("reminder", re.compile(r"(?:rest(?:e|ent)|demeure(?:nt)?) impaye|remains? unpaid|is (?:now )?overdue|sauf erreur (?:ou omission )?de notre part|avant mise en demeure|n'avons pas (?:encore )?recu (?:votre |le )(?:paiement|reglement)"), 0.75),
    ("letter", re.compile(r"^(?:madame|monsieur|chere? |dear |sehr geehrte)[\s\S]{0,1500}(?:salutations|sentiments|kind regards|sincerely|mit freundlichen)", re.MULTILINE), 0.5),
)  # fmt: skip
_BOTH = re.compile(r"/|&|\+|\b(?:valant|tenant lieu|et|und|and)\b")
_LISTED = re.compile(
    r"(?:montant (?:brut|paye|ttc|regle|du)|reste (?:du|a payer)|solde|regle|impaye)"
)
_SUBJECT = re.compile(
    r"(?:motif|objet|libelle|concerne|communication|reference|subject|betreff)\b"
)
_TILL = re.compile(
    r"carte bancaire|\bcb\b|especes|rendu|caisse|serveur|couverts?\b|visa\b|cash\b|change\b|debit\b|sans contact"
)
_STRIP = 34  # the widest strip of a till, in heights of its text
_CREDIT = re.compile(
    r"\bavoir (?:n ?°|sur (?:la )?facture|\w{0,4}-?\d{3,})|credit note|note de credit"
)


@dataclass(frozen=True)
class Kind:
    """What the page says it is, where, and how sure."""

    name: str
    confidence: float
    spot: Spot | None = None
    alone: bool = False  # no other kind is named by a title, however small


def read(reader: Reader) -> Kind:
    """The kind that the titles of the first pages announce; name "" when none does."""
    best = _best_titles(reader)
    if not best:
        return Kind("receipt", 0.75) if of_a_till(reader) else Kind("", 0.0)
    told = _said(reader, best)
    if told:
        return Kind(told, 0.9)
    ranked = sorted(best.items(), key=lambda one: -one[1][0])
    kind, (score, spot) = ranked[0]
    titled = next((one for one in ranked if one[0] in INVOICES), None)
    if kind not in INVOICES and titled is not None:
        # An invoice speaks of its order under its title; a statement names invoices under its own.
        above = titled[1][1].row.number <= spot.row.number
        if titled[1][0] >= max(0.45, (0.72 if above else 0.95) * score):
            kind, (score, spot) = titled
    if kind == "credit_note" and _SELF.search(reader.text.plain):
        kind = "self_billed"
    rival = next((other[1][0] for other in ranked[1:] if _differs(other[0], kind)), 0.0)
    sure = 0.97 if score >= 0.8 else 0.92 if score >= 0.55 else 0.7
    if rival > 0.85 * score:
        sure = min(sure, 0.75)
    alone = score >= 0.3 and not any(_differs(other, kind) for other in best)
    return Kind(kind, sure if score >= 0.3 else 0.4, spot, alone and _SPECIAL.isdisjoint(best))


def _best_titles(reader: Reader) -> dict[str, tuple[float, Spot]]:
    """The most prominent title of each kind, and its score."""
    best: dict[str, tuple[float, Spot]] = {}
    for sheet in reader.text.sheets[:2]:
        for row in sheet.rows:
            for kind, score, spot in _titles(reader, row, sheet.height, sheet.size):
                late = 0.6 if sheet.number > 1 else 1.0
                if kind not in best or score * late > best[kind][0]:
                    best[kind] = (score * late, spot)
    return best


def _said(reader: Reader, best: dict[str, tuple[float, Spot]]) -> str:
    """The kind that the sentences of the page tell, "" when none does or a title outweighs it."""
    for name, words, least in _TOLD:
        if _invoice_score(best) < least and words.search(reader.text.plain):
            titles = [one for one in best.items() if one[0] not in INVOICES]
            titled = max(titles, key=lambda one: one[1][0])[0] if titles else name
            return titled if name == "other" else name
    return ""


def _invoice_score(best: dict[str, tuple[float, Spot]]) -> float:
    """How much the best title of an invoice stands out, 0 without any."""
    return max((score for kind, (score, _) in best.items() if kind in INVOICES), default=0.0)


def of_a_till(reader: Reader) -> bool:
    """True for a narrow strip that speaks of a card, a till or a table: a ticket has no title."""
    if len(reader.text.sheets) > 1 or not _TILL.search(reader.text.plain):
        return False
    left = min(row.whole.x0 for row in reader.text.rows)
    right = max(row.whole.x1 for row in reader.text.rows)
    size = reader.text.sheets[0].size
    return (right - left) / max(size, 1.0) < _STRIP


def _differs(one: str, other: str) -> bool:
    """An invoice is also a special invoice: only the others are rivals."""
    return not ({one, other} <= _SPECIAL | {"invoice"} or {one, other} == {"invoice", "receipt"})


def _titles(reader: Reader, row: Row, height: float, size: float) -> list[tuple[str, float, Spot]]:
    found = []
    for cell in row.cells:
        if cell.end - cell.start > 90:
            continue
        first: dict[int, re.Match[str]] = {}
        for place, match in _SPOTTER.find(row.plain, cell.start, cell.end):
            first.setdefault(place, match)
        if not first:
            continue
        lead = len(cell.plain) - len(cell.plain.lstrip(" -*#:·\"'"))
        hits = [
            (match.end() - match.start(), *_TITLES[place][:2], match)
            for place, match in sorted(first.items())
        ]
        both = _BOTH.search(cell.plain) is not None  # "Facture / Bon de livraison" is an invoice
        hits.sort(key=lambda hit: (not (both and hit[1] in INVOICES), -hit[0], -hit[2]))
        _, kind, weight, match = hits[0]
        spot = Spot(row, match.start(), match.end())
        score = weight * _prominence(
            kind, cell, spot, height, size, at_start=match.start() <= cell.start + lead
        )
        if kind not in INVOICES and any(
            one.money for one in reader.numbers_by_row.get(row.number, [])
        ):
            score *= 0.5  # "Panier garni   45,00" is sold here
        found.append((kind, score, spot))
    return found


def _prominence(
    kind: str, cell: Spot, spot: Spot, height: float, size: float, *, at_start: bool
) -> float:
    """How much a cell stands out as a title, 0 to 1."""
    letters = sum(sign.isalpha() for sign in cell.text)
    own = sum(sign.isalpha() for sign in spot.text)
    share = own / max(letters, 1)
    top = spot.y0 / height
    score = 0.15 + 0.35 * share
    score += 0.2 if top < 0.35 else 0.1 if top < 0.5 else 0.0
    score += 0.15 if spot.text.isupper() else 0.05 if spot.text[:1].isupper() else 0.0
    tall = (spot.y1 - spot.y0) / max(size, 1.0)
    score += 0.2 if tall > 1.35 else 0.1 if tall > 1.12 else 0.0
    numbered = re.match(
        r"\s*(?:\([^)]*\))?\s*(?:n ?[°o]\.?|nr\.?|no\.?|#|number|:)?\s*:?\s*[\w/-]*\d",
        cell.row.plain[spot.end :],
    )
    score += 0.15 if numbered and kind in INVOICES else 0.0
    label = cell.row.plain[spot.end : cell.end].lstrip().startswith(":")
    if kind not in INVOICES and (label or (numbered and tall <= 1.12)):
        score *= 0.7  # "Commande n° 12" is more often a reference than a title
    follows = re.match(
        r"\s*(?:du|de|d'|sur|a|par|au|vous|le|la|ci|est|doit|sera|and|of|is|we|for)\b",
        cell.row.plain[spot.end : spot.end + 6],
    )
    if follows and not numbered:
        score *= 0.6
    if kind in INVOICES and _is_listed(cell):
        score *= 0.4
    return score if at_start else score * (0.45 if share < 0.6 else 0.8)


def _is_listed(cell: Spot) -> bool:
    """True for "Facture n°" over a list of invoices, or beside "Motif": a mention, no title."""
    cells = cell.row.cells
    others = [one.plain.strip() for one in cells if one.start != cell.start]
    if sum(bool(_LISTED.match(one)) for one in others) >= 1 and len(cells) >= 3:
        return True
    before = [one.plain.strip() for one in cells if one.end < cell.start]
    return bool(before) and _SUBJECT.match(before[-1]) is not None


def mentions_credit(reader: Reader) -> bool:
    """True when the page speaks of itself as a credit note somewhere."""
    return _CREDIT.search(reader.text.plain) is not None
