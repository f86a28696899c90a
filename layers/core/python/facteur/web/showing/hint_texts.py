"""Hints in plain French: what was learnt of a supplier's pages, as sentences of his card."""

from facteur.domain.hints import Hint, Way
from facteur.web import i18n
from facteur.web.i18n import _
from facteur.web.showing import present


def hint_text(hint: Hint) -> str:
    """« N° de facture : à droite de « Nos repères » »."""
    field = present.label(hint.field)
    said = {
        Way.BESIDE: _("à droite de « {label} »"),
        Way.UNDER: _("sous « {label} »"),
        Way.PLACE: _("à sa place habituelle, près de « {label} »"),
        Way.ALWAYS: _("toujours « {value} »"),
        Way.WORDS: _("« {value} » quand la page porte « {label} »"),
        Way.SAME: _("toujours égal à : {value}"),
        Way.RATE: _("un seul taux, {value} %"),
        Way.NOT: _("ce n’est pas ce qui suit « {label} »"),
        Way.TERM: _term(hint),
    }[hint.way]
    words = said.format(label=hint.printed or hint.label, value=_value(hint))
    if hint.way is Way.BESIDE and hint.of > 1:
        words += _(", {n}e valeur de la ligne").format(n=hint.nth + 1)
    return _("{field} : {words}").format(field=field, words=words)


def hint_state(hint: Hint) -> str:
    """How far it is trusted."""
    if hint.missed:
        return _("contredit une fois : plus sûr")
    if not hint.confirmed:
        return _("à confirmer par une prochaine facture")
    if hint.confirmed == 1:
        return _("confirmé par une facture")
    return _("confirmé par {n} factures").format(n=hint.confirmed)


def _value(hint: Hint) -> str:
    if hint.way is Way.SAME:
        return present.label(hint.value)
    if hint.field == "type":
        return present.kind(hint.value)
    return hint.value.replace(".", ",") if hint.way is Way.RATE else hint.value


def _term(hint: Hint) -> str:
    if not hint.days and not hint.month_end:
        return _("le jour même de la facture")
    words = _("{n} jours après la date de facture").format(n=hint.days)
    if not hint.days:
        words = _("à la fin du mois de la facture")
    elif hint.month_end:
        words += _(", fin de mois")
    if hint.then:
        words += _(", le {n} du mois suivant").format(n=hint.then)
    return words


def fields_text(names: str) -> str:
    """« Échéance et N° de facture » for the names of fields that the journal keeps."""
    return i18n.enumeration(present.label(one) for one in names.split(", ") if one)
