"""The corpus' documents are each one invoice; two of them in one file are two."""

from facteur.adapters.pdf.client import ChildPdf
from facteur.domain.candidate import Origin
from facteur.domain.proposing import propose

from tests.domain.lots import firsts, lot
from tests.shared import found, need


def test_documents_of_the_corpus_are_left_whole_and_lots_of_them_are_cut_between() -> None:
    """No document is proposed for a split; no lot of two is cut inside a document."""
    need("corpus/docs")
    child = ChildPdf()
    try:
        read = [child.read(path.read_bytes()).pages for path in found("corpus/docs/*.pdf")]
    finally:
        child.close()
    documents = [one for one in read if one.has_text]
    assert documents
    for one in documents:
        assert () == propose(one, origin=Origin.TEXT)
    exact = 0
    pairs = list(zip(documents[::3], documents[1::3], strict=False))
    for pair in pairs:
        cuts = [one.first for one in propose(lot(*pair), origin=Origin.TEXT)] or [1]
        assert set(cuts) <= set(firsts(*pair))
        exact += cuts == firsts(*pair)
    assert exact >= 0.7 * len(pairs), "a cut missed costs a click"
