"""Our own Flow Service (XP Z12-013 1.3.0): a dossier's billing software sends and follows here.

Under ``/afnor-flow/v1``. A file above what API Gateway carries is sent by a presigned form:
``POST /afnor-flow/v1/flows/upload-form`` gives it, and the 413 of a file too large says so.
"""

from contextlib import suppress
from dataclasses import replace

from facteur.domain.documents import StoredFile
from facteur.domain.dossiers import Permission
from facteur.domain.errors import InvalidError
from facteur.domain.faults import Fault
from facteur.domain.flows import AckDetail, Flow, FlowView
from facteur.formats import afnor_served as wire
from facteur.formats.disposition import content_disposition
from facteur.formats.multipart_form import parts_of
from facteur.services.programs import hooking, serving
from facteur.web import i18n
from facteur.web.answers import Answer, json_answer
from facteur.web.api.afnor import afnor, error_answer, raw_body
from facteur.web.api.calls import Call

BASE = "/afnor-flow/v1"
OCTETS = "application/octet-stream"
UPLOAD_FORM = f"{BASE}/flows/upload-form"


@afnor(f"{BASE}/flows", "POST", permission=Permission.UPLOAD, multipart=True)
def submit(call: Call) -> Answer:
    """202 with the flow: the file is kept, its controls come later."""
    body = raw_body(call)
    parts = parts_of(body, call.request.headers.get("content-type", ""))
    missing = [
        Fault(code="afnor.missing", path=name, values={"field": name})
        for name in ("flowInfo", "file")
        if name not in parts
    ]
    if missing:
        raise InvalidError(tuple(missing), code="afnor.request")
    info = wire.info_of(parts["flowInfo"].data)
    data = parts["file"].data
    if len(data) > serving.MOST_BYTES:
        where = {"most": serving.MOST_BYTES, "where": call.site.url(UPLOAD_FORM)}
        said = i18n.sentence("flow.upload_form", where, call.language)
        return error_answer(413, "FILE_SIZE_EXCEEDED", said)
    served = serving.submit(call.caller, info, data, call.context)
    return json_answer(wire.submitted_json(served.flow), 202)


@afnor(UPLOAD_FORM, "POST", permission=Permission.UPLOAD)
def upload_form(call: Call) -> Answer:
    """201 with the presigned form of a file too large to come by ``flows``; ours, not the norm's.

    The body is the ``flowInfo`` alone; the flow exists once the file was posted.
    """
    form = serving.upload_form(call.caller, wire.info_of(raw_body(call)), call.context)
    return json_answer(
        {
            "flowId": form.key.rsplit("/", 1)[-1],
            "url": form.url,
            "fields": dict(form.fields),
            "expiresAt": wire.time_json(form.expires_at),
            "maxBytes": form.max_bytes,
        },
        201,
    )


@afnor(f"{BASE}/flows/search", "POST", permission=Permission.READ)
def search(call: Call) -> Answer:
    """Flows in the order of their last change, and the cursor of the next page."""
    asked = wire.search_of(raw_body(call))
    page = serving.search(call.caller, asked, call.context)
    flows = tuple(_told(one.flow, call.language) for one in page.flows)
    return json_answer(wire.page_json(asked, flows, page.cursor))


@afnor(f"{BASE}/flows/{{flow}}", permission=Permission.READ)
def show(call: Call, flow: str) -> Answer:
    """The flow itself, or the bytes of one of its views."""
    asked = call.query("docType", FlowView.METADATA.value)
    view = next((one for one in FlowView if one.value == asked), None)
    if view is None:
        fault = Fault(code="afnor.value", path="docType", values={"field": "docType"})
        raise InvalidError((fault,), code="afnor.request")
    if view is FlowView.METADATA:
        held = serving.flow(call.caller, flow, call.context).flow
        return json_answer(wire.flow_json(_told(held, call.language)))
    return _file(call, serving.view_of(call.caller, flow, view, call.context))


def _told(flow: Flow, language: str) -> Flow:
    """The flow, what our own controls found put in a sentence instead of its code."""
    ack = flow.acknowledgement
    details = tuple(replace(one, message=_sentence(one, language)) for one in ack.details)
    return replace(flow, acknowledgement=replace(ack, details=details))


def _sentence(one: AckDetail, language: str) -> str:
    if one.code:
        fault = Fault(code=one.code, values=one.values, message=one.message)
    elif i18n.sentence(one.message):
        fault = Fault(code=one.message, values=one.values)
    else:
        return one.message
    return i18n.fault_text(fault, language, program=True)


def _file(call: Call, stored: StoredFile) -> Answer:
    """The bytes when they go through API Gateway whatever the client accepts, else where they are.

    API Gateway gives bytes only to who first accepts a binary type; text passes as it is. The
    link is good for five minutes, and no header of the client is needed there.
    """
    headers = {
        "Content-Disposition": content_disposition(stored.filename or "flow", attachment=True)
    }
    if stored.size <= serving.MOST_BYTES:
        data = call.context.blobs.get(stored)
        accepted = call.request.headers.get("accept", "").split(",")[0].split(";")[0].strip()
        if accepted == OCTETS:
            return Answer(body=data, media_type=OCTETS, headers=headers)
        with suppress(UnicodeDecodeError):
            return Answer(body=data.decode(), media_type="application/xml", headers=headers)
    link = call.context.blobs.link(stored, download=True)
    return Answer(status=307, headers={"Location": link})


@afnor(f"{BASE}/webhooks", "POST", permission=Permission.READ)
def subscribe(call: Call) -> Answer:
    """201 with the signing key of a new subscription, shown once."""
    hook, key = hooking.subscribe(call.caller, wire.hook_of(raw_body(call)), call.context)
    body = {
        "webhookId": hook.id,
        "signingKey": key,
        "createdAt": wire.time_json(hook.created_at),
    }
    return json_answer(body, 201)


@afnor(f"{BASE}/webhooks", permission=Permission.READ)
def subscriptions(call: Call) -> Answer:
    """The subscriptions of the dossier, without their keys."""
    held = [wire.hook_json(one) for one in hooking.listed(call.caller, call.context)]
    return json_answer({"count": len(held), "webhooks": held})


@afnor(f"{BASE}/webhooks/{{webhook}}", permission=Permission.READ)
def subscription(call: Call, webhook: str) -> Answer:
    """One subscription, without its key (1.2.0 has this route)."""
    return json_answer(wire.hook_json(hooking.one(call.caller, webhook, call.context)))


@afnor(f"{BASE}/webhooks/{{webhook}}", "DELETE", permission=Permission.READ)
def unsubscribe(call: Call, webhook: str) -> Answer:
    """204: the subscription is over."""
    hooking.unsubscribe(call.caller, webhook, call.context)
    return Answer(status=204)


@afnor(f"{BASE}/healthcheck", permission=Permission.READ)
def health(_call: Call) -> Answer:
    """200 and nothing else: the service answers."""
    return json_answer({})
