"""Files that a page's form sends straight to the storage: the limit is said before they leave."""

import base64
import json

import pytest
from facteur.web import i18n

from tests.web.browser import Browser

PAGES = (
    "/tiers/importer?onglet=fournisseurs",
    "/ventes/e-reporting/caisse/importer",
    "/parametres/kit-de-sortie/reprendre",
    "/achats/deposer?type=pdf",
)


@pytest.mark.parametrize("path", PAGES)
def test_a_form_says_the_limit_that_the_storage_holds_to(manager: Browser, path: str) -> None:
    """In its words, without scripts too, and to the script that checks before anything leaves."""
    reply = manager.get(path)
    form = reply.one("//form[@enctype='multipart/form-data']")
    policy = form.xpath("string(.//input[@name='policy']/@value)")
    conditions = json.loads(base64.b64decode(policy))["conditions"]
    (most,) = [one[2] for one in conditions if isinstance(one, list) and one[0].endswith("range")]
    assert str(most) == form.get("data-most")
    assert " ".join(i18n.size(most).split()) in reply.text
    assert form.xpath(".//noscript//p")
    assert form.xpath(".//*[@data-send-fault][@hidden]")
    assert reply.page.xpath("//script[contains(@src,'/send.js')][@nonce]")
    assert "file" == form.xpath(".//input[@name]")[-1].get("type")  # S3 reads nothing after it
