"""An invoice received many times: each of its doubles is told from the others."""

import pytest

from tests.services.world import World, xml
from tests.web.browser import Browser


@pytest.mark.parametrize(("copies", "more"), [(2, ""), (5, "et un autre"), (6, "et 2 autres")])
def test_three_doubles_are_shown_by_their_file_and_the_others_counted(
    manager: Browser, world: World, copies: int, more: str
) -> None:
    """Eight buttons of one wording told nothing: the file is named where there are several."""
    for number in range(copies):
        data = xml("F1", buyer_reference=f"exemplaire {number}")
        mail = {"key": f"mail/{number}", "message_id": f"m{number}@x.example"}
        world.receive((f"copie-{number}.xml", data), **mail)
        world.clock.pass_(minutes=1)
    last = max(world.documents(), key=lambda one: one.received_at)
    page = manager.get(f"/factures/{last.id}").page
    words = [" ".join(one.text_content().split()) for one in page.xpath("//*[@id='doublon']//a")]
    offered = [one for one in words if one.startswith("Comparer avec")]

    assert len(last.duplicates) == copies - 1
    assert len(offered) == len(set(offered)) == min(copies - 1, 3)
    assert any("copie-0.xml" in one for one in offered) == (copies > 2)
    assert ("autre" in page.xpath("string(//*[@id='doublon'])")) == bool(more)
    assert more in page.xpath("string(//*[@id='doublon'])")
