"""Errors of domain/errors.py → HTTP status, the problem JSON of the API (RFC 9457), and the page
of an address that no route answers: API Gateway itself shows it, without calling us."""

import json

from facteur.domain.errors import (
    ConflictError,
    FacteurError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    UnavailableError,
    UnreadableError,
)
from facteur.domain.faults import Fault
from facteur.web import i18n
from facteur.web.answers import PROBLEM, Answer, json_answer

_STATUS: tuple[tuple[type[FacteurError], int], ...] = (
    (NotFoundError, 404),
    (ForbiddenError, 403),
    (InvalidError, 422),
    (ConflictError, 409),
    (UnreadableError, 422),
    (UnavailableError, 503),
)

#: Codes whose status is more precise than that of their family.
_PRECISE = {
    "sign_in.throttled": 429,
    "mails.throttled": 429,
    "asked.throttled": 429,
    "link.throttled": 429,
    "dossier.throttled": 429,
    "fetch_box.throttled": 429,
    "sftp.throttled": 429,
    "sign_in.wrong": 401,
    "sign_in.wrong_code": 401,
    "sign_in.wrong_recovery": 401,
    "passkey.refused": 401,
    "provider.refused": 401,
    "provider.unknown": 401,
    "passkey.copied": 401,
    "sign_in.too_late": 401,
    "api_key.unknown": 401,
    "api_key.missing": 401,
    "token.expired": 401,
    "flow.size": 413,
    "api.query": 400,
    "cursor.invalid": 400,
    "api.throttled": 429,
    "directory.search": 501,
    "router.405": 405,
    "router.415": 415,
}


def status_of(error: FacteurError) -> int:
    """The HTTP status of an error; 500 for what is nobody's fault but ours."""
    precise = _PRECISE.get(error.code)
    if precise is not None:
        return precise
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


def problem(error: FacteurError, language: str, *, of_key: bool = False) -> Answer:
    """An error as problem JSON, in French or English, with every fault.

    ``of_key``: a program asked, which has a key's rights where a person has a role, and no page.
    """
    faults: tuple[Fault, ...] = getattr(error, "faults", ())
    status = status_of(error)
    body: dict[str, object] = {
        "type": "about:blank",
        "title": i18n.sentence(f"status.{status}", language=language),
        "status": status,
        "code": error.code,
        "detail": i18n.told(error, language, program=of_key),
    }
    if faults:
        body["faults"] = [
            {
                "code": one.code,
                "path": one.path,
                "detail": i18n.fault_text(one, language, program=of_key),
            }
            for one in faults
        ]
    answer = json_answer(body, status, PROBLEM)
    challenge = {"WWW-Authenticate": 'Bearer realm="facteur"'} if status == 401 else {}
    retry = {"Retry-After": "10"} if status == 503 else {}
    return Answer(
        body=answer.body,
        status=status,
        media_type=PROBLEM,
        headers={**challenge, **retry, "Content-Language": language},
    )


def unknown_route() -> str:
    """What a program hears at an address that does not exist: problem JSON, in one language.

    Without it API Gateway takes the API key for a signature of its own and repeats it. It gives
    one text for every address: what AFNOR's ``Error`` and OAuth (RFC 6749 §5.2) ask for stands in
    it too, as members of the problem (RFC 9457 §3.2).
    """
    text = i18n.sentence("not_found.route")
    body = {
        "type": "about:blank",
        "title": i18n.sentence("status.404"),
        "status": 404,
        "code": "not_found",
        "detail": text,
        "errorCode": "NOT_FOUND",
        "errorMessage": text,
        "error": "invalid_request",
    }
    return json.dumps(body, ensure_ascii=False)


def unknown_address(home: str) -> str:
    """The whole page for an address that does not exist; ``home`` is the link to the first page.

    It calls for no style or script: whoever serves it knows neither their addresses nor a nonce.
    infrastructure/merge/web.json gives it to API Gateway, local/gateway.py to the laptop.
    """
    return (
        '<!DOCTYPE html><html lang="fr"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        "<title>Page introuvable · Facteur</title></head><body><main>"
        "<h1>Nous n’avons rien trouvé ici</h1>"
        "<p>Cette adresse n’existe pas, ou plus. Vérifiez-la, ou repartez de l’accueil.</p>"
        f'<p><a href="{home}">Aller à l’accueil de Facteur</a></p>'
        "</main></body></html>"
    )
