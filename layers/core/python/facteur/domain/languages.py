"""Whether a page is written in English: AWS documents AnalyzeExpense for that language alone.

No detector and no model: the small words of a language, and those that every invoice prints, are
counted against those of its neighbours. Words that invoices share across languages ("date",
"total", "description") are in no list. A page with few words of any is said to be in none.
Source: https://docs.aws.amazon.com/textract/latest/dg/limits-document.html
"""

from collections.abc import Iterable

_FEWEST = 6  # English words on a page before it is said to be in English
_AHEAD = 3  # times as many as of every other language together

_ENGLISH_WORDS = (
    "the of and to from for by with your our you we is are on at in this that any all not "
    "invoice bill receipt due amount payment paid pay balance quantity qty price unit tax "
    "subtotal number order customer account bank please thank thanks terms days ship shipped "
    "shipping item items discount change cash street road phone"
)
_OTHER_WORDS = (
    # French
    "le la les du des et pour par avec votre notre nous vous est sont au aux sur dans facture "
    "avoir montant echeance paiement payer prix quantite unitaire remise tva ttc ht siret siren "
    "designation numero client commande compte rue adresse livraison acompte "
    # German
    "der die das und mit fur von bei auf ihre ihr unsere rechnung betrag zahlung menge "
    "einzelpreis gesamt mwst ust kunde nummer datum bitte stuck netto brutto strasse "
    # Dutch, Spanish, Italian
    "het een van voor met uw onze factuur bedrag betaling aantal btw klant el los para con su "
    "factura importe cantidad precio iva il lo gli per fattura importo prezzo"
)
_ENGLISH, _OTHERS = frozenset(_ENGLISH_WORDS.split()), frozenset(_OTHER_WORDS.split())
_FOLD = str.maketrans("àâäéèêëîïôöùûüçß", "aaaeeeeiioouuucs")


def english(words: Iterable[str]) -> bool:
    """True when these words are English's: six or more, three times those of other languages."""
    ours = others = 0
    for word in words:
        bare = word.lower().translate(_FOLD).strip(".,:;()[]/-'’\"")
        ours += bare in _ENGLISH
        others += bare in _OTHERS
    return ours >= _FEWEST and ours >= _AHEAD * others
