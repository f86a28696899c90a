"""The test platform's own pages: what it holds, how to connect, what it must do wrong."""

import html
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl

from facteur.local.sandbox_pa.faults import FAULTS, Faults
from facteur.local.sandbox_pa.shapes import Call, Reply, Wrong, as_json, time_text
from facteur.local.sandbox_pa.store import Store, StoredInvoice

_STYLE = (
    "body{font:16px/1.5 sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#16232e}"
    "table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.35rem .5rem;"
    "border-bottom:1px solid #dbe2e8;vertical-align:top}code{overflow-wrap:anywhere}"
    ".wide{overflow-x:auto}input[type=number]{width:6rem;font:inherit}label{display:block}"
    "button{font:inherit;padding:.4rem .9rem;border:1px solid #1d4f6b;background:#1d4f6b;"
    "color:#fff;border-radius:6px}button.second{background:#fff;color:#1d4f6b}"
    ".note{background:#fff6e0;border:1px solid #e6c870;padding:.6rem .9rem;border-radius:6px}"
)
_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    # No form-action: a consent's answer goes back to the application by a redirection.
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; "
    "frame-ancestors 'none'; base-uri 'none'",
    "Referrer-Policy": "same-origin",  # without it a form says no Origin
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}
_LAST = 30


def page(title: str, body: str, status: int = 200) -> Reply:
    """A page of the test platform."""
    whole = (
        '<!doctype html><html lang="fr"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title} · PA de test</title><style>{_STYLE}</style></head><body>"
        f'<main><h1>{title}</h1><p class="note">Plateforme de test : elle imite une plateforme '
        "agréée sur cette machine. Rien n’en sort, aucune facture n’est émise.</p>"
        f"{body}</main></body></html>"
    )
    return Reply(status=status, body=whole.encode(), headers=_HEADERS)


def home(
    store: Store,
    faults: Faults,
    base: str,
    *,
    answerable: Sequence[StoredInvoice],
    answers: Mapping[str, str],
    examples: Mapping[str, str],
) -> Reply:
    """Accounts, addresses, the others that can be played, last flows, faults."""
    names = {one.siren: one.name for one in store.companies()}
    clients = "".join(
        f"<tr><td>{html.escape(names.get(one.siren, one.name))}<br>{one.siren or 'application'}"
        f"</td><td><code>{one.id}</code></td><td><code>{html.escape(one.secret)}</code></td></tr>"
        for one in store.clients()
    )
    rows = "".join(
        f'<tr><td><label for="{name}">{text}</label></td><td><input type="number" min="-1" '
        f'id="{name}" name="{name}" value="{faults.value(name)}"> {unit}</td></tr>'
        for name, (text, unit) in FAULTS.items()
    )
    addresses = "".join(
        f"<tr><th>{label}</th><td><code>{base}{path}</code></td></tr>"
        for label, path in (
            ("Flux", "/afnor-flow"),
            ("Annuaire", "/afnor-directory"),
            ("Jetons", "/oauth2/token"),
            ("Consentement", "/oauth2/authorize"),
        )
    )
    return page(
        "Plateforme de test",
        f"<h2>Adresses</h2><div class=wide><table>{addresses}</table></div>"
        "<h2>Comptes</h2><div class=wide><table><thead><tr><th>Entreprise</th>"
        f"<th>Identifiant</th><th>Secret</th></tr></thead>{clients}</table></div>"
        '<form method="post" action="/sandbox/companies"><p><label>SIREN '
        '<input name="siren" required pattern="[0-9]{9}"></label> <label>Nom '
        '<input name="name" required></label> <button>Ouvrir un compte</button></p></form>'
        f"{_others(store, answerable, answers, examples)}"
        f"<h2>Derniers flux</h2><div class=wide><table>{_flows(store)}</table></div>"
        '<h2>Pannes à la demande</h2><form method="post" action="/sandbox/faults">'
        f"<div class=wide><table>{rows}</table></div><p><button>Enregistrer</button></p></form>"
        '<form method="post" action="/sandbox/expire"><p><button class="second">Faire expirer '
        "tous les jetons</button></p></form>",
    )


def set_faults(faults: Faults, call: Call) -> Reply:
    """Set faults, by the form (and back to the page) or in JSON (all of them in the answer)."""
    by_form = "json" not in call.headers.get("content-type", "")
    given: Mapping[str, object] = (
        dict(parse_qsl(call.body.decode("utf-8", "replace"))) if by_form else call.json()
    )
    for name, value in given.items():
        try:
            number = int(str(value))
        except ValueError as error:
            raise Wrong(400, "NOT_A_NUMBER", name) from error
        if not faults.set(name, number):
            raise Wrong(400, "UNKNOWN_FAULT", name)
    return Reply(status=303, headers={"Location": "/"}) if by_form else as_json(faults.all())


def _others(
    store: Store,
    answerable: Sequence[StoredInvoice],
    answers: Mapping[str, str],
    examples: Mapping[str, str],
) -> str:
    """A supplier who bills, and customers who answer."""
    kinds = "".join(
        f'<option value="{kind}">{html.escape(words)}</option>' for kind, words in examples.items()
    )
    companies = "".join(
        f'<option value="{one.siren}">{html.escape(one.name)}</option>'
        for one in store.companies()
    )
    codes = "".join(
        f'<button class="second" name="code" value="{code}">{html.escape(words)}</button> '
        for code, words in answers.items()
    )
    rows = "".join(
        f"<tr><td>{html.escape(one.number)}<br>"
        f"{html.escape(one.seller_name if one.self_billed else one.buyer_name)}</td><td>"
        '<form method="post" action="/sandbox/answers">'
        f'<input type="hidden" name="seller" value="{one.seller}">'
        f'<input type="hidden" name="number" value="{html.escape(one.number)}">{codes}</form>'
        f"</td><td>{', '.join(one.codes)}</td></tr>"
        for one in answerable
    )
    sales = (
        "<p>Factures remises à des entreprises fictives : répondez à leur place.</p>"
        f"<div class=wide><table>{rows}</table></div>"
        if rows
        else ""
    )
    return (
        "<h2>Les autres</h2>"
        '<form method="post" action="/sandbox/bills"><p><label>Recevoir une facture d’exemple, '
        f'adressée à <select name="siren">{companies}</select></label> '
        f'<label>Nature <select name="kind">{kinds}</select></label> '
        f"<button>L’envoyer</button></p></form>{sales}"
    )


def _flows(store: Store) -> str:
    found = [one for company in store.companies() for one in store.flows(company.siren)]
    found.sort(key=lambda one: (one.updated, one.id), reverse=True)
    head = "<thead><tr><th>Quand</th><th>Compte</th><th>Sens</th><th>Nature</th><th>Fichier</th>"
    rows = "".join(
        f"<tr><td>{time_text(one.updated)[:19]}</td><td>{one.siren}</td><td>{one.direction}</td>"
        f"<td>{html.escape(one.type)}</td><td>{html.escape(one.name)}</td><td>{one.status} "
        f"{html.escape(', '.join(row['reasonCode'] for row in one.details))}</td></tr>"
        for one in found[:_LAST]
    )
    return f"{head}<th>Acquittement</th></tr></thead>{rows}"
