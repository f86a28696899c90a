"""Pages of a PDF as PDFs of their own: what a part holds, what it does not, and hostile files."""

import io
import random
import resource

import pikepdf
import pytest
from facteur.adapters.pdf.client import ChildPdf
from facteur.domain.errors import UnreadableError
from facteur.ports import Limits
from pikepdf import Array, Dictionary, Name, Pdf

from tests import samples

MEGABYTE = 1024 * 1024


def _numbered(pages: int) -> bytes:
    """A file whose pages say which they are."""
    pdf = Pdf.new()
    for number in range(1, pages + 1):
        one = samples.text_pdf((samples.Text(50, 700, f"Facture numéro {number}"),))
        with pikepdf.open(io.BytesIO(one)) as other:
            pdf.pages.extend(other.pages)
    return samples.saved(pdf)


def _words(pdf: ChildPdf, data: bytes) -> list[str]:
    return [" ".join(word.text for word in page.words) for page in pdf.read(data).pages.pages]


def test_five_pages_cut_in_two_keep_their_text(pdf):
    """PE-04: pages 1-2 and 3-5, each with its own words in their own places."""
    data = _numbered(5)
    first, second = pdf.pages(data, ((1, 2), (3, 5)))

    assert [f"Facture numéro {n}" for n in (1, 2)] == _words(pdf, first)
    assert [f"Facture numéro {n}" for n in (3, 4, 5)] == _words(pdf, second)
    whole = pdf.read(data).pages.pages[2].words
    assert whole == pdf.read(second).pages.pages[0].words


def test_a_part_is_drawn_as_the_page_was(pdf):
    """Turned, cropped, inherited: the part gives the image of the whole, to the pixel."""
    data = samples.text_pdf(pages=3, rotate=90, crop=(40, 400, 560, 830))
    with pikepdf.open(io.BytesIO(data)) as whole:
        tree = whole.Root.Pages
        tree.MediaBox, tree.Rotate = whole.pages[1].MediaBox, 90
        for page in whole.pages:
            del page.obj.MediaBox
            del page.obj.Rotate
        data = samples.saved(whole)
    (part,) = pdf.pages(data, ((2, 2),))

    assert pdf.images(data, dpi=60, first=2, last=2) == pdf.images(part, dpi=60)


def test_the_same_pages_give_the_same_bytes(pdf):
    """A queue delivers at least once: what is written twice must be the same file."""
    data = _numbered(3)
    assert pdf.pages(data, ((2, 3),)) == pdf.pages(data, ((2, 3),))
    assert pdf.pages(data, ((2, 3),)) == pdf.pages(data, ((2, 0),))


def test_a_part_holds_nothing_of_the_other_pages(pdf):
    """Another customer's picture, attachment or outline must not travel hidden in the part."""
    drawn = Pdf.new()
    shared = drawn.make_indirect(Dictionary())
    for name in ("/A", "/B"):
        picture = pikepdf.Stream(
            drawn, f"secret {name}".encode() * 50, Type=Name.XObject, Subtype=Name.Image,
            Width=10, Height=10, ColorSpace=Name.DeviceGray, BitsPerComponent=8,
        )  # fmt: skip
        shared[name] = drawn.make_indirect(picture)
        page = samples.add_page(drawn, f"q 100 0 0 100 0 0 cm {name} Do Q".encode())
        page.Resources = Dictionary(XObject=shared)
    with drawn.open_outline() as outline:
        outline.root.append(pikepdf.OutlineItem("Le secret des autres", 1))
    data = samples.with_file(samples.saved(drawn), b"<secret/>", name="factur-x.xml")
    (part,) = pdf.pages(data, ((1, 1),))

    with pikepdf.open(io.BytesIO(part)) as made:
        assert 1 == len(made.pages)
        assert not {"/Names", "/AF", "/Outlines", "/Metadata"} & set(made.Root.keys())
        streams = [one.read_bytes() for one in made.objects if isinstance(one, pikepdf.Stream)]
    assert any(b"secret /A" in one for one in streams)
    assert not any(b"secret /B" in one for one in streams)
    assert pdf.read(part).invoice_xml is None


def test_what_was_typed_into_a_form_stays_on_its_page(pdf):
    """A supplier's PDF form: the field is drawn in the part as in the whole."""
    data = samples.form_pdf("Net 250,00")
    (part,) = pdf.pages(data, ((1, 1),))
    assert pdf.images(data, dpi=60) == pdf.images(part, dpi=60)


@pytest.mark.parametrize("indirect", [True, False])
def test_a_hidden_layer_stays_hidden(pdf, indirect):
    """A « COPIE » that the issuer switched off must not appear on the part."""
    drawn = Pdf.new()
    layer = drawn.make_indirect(Dictionary(Type=Name.OCG, Name=pikepdf.String("COPIE")))
    for _page in range(2):
        page = samples.add_page(drawn, b"/OC /L BDC 1 0 0 rg 100 100 300 300 re f EMC")
        page.Resources = Dictionary(Properties=Dictionary(L=layer))
    layers = Dictionary(OCGs=Array([layer]), D=Dictionary(OFF=Array([layer])))
    drawn.Root.OCProperties = drawn.make_indirect(layers) if indirect else layers
    data = samples.saved(drawn)
    (part,) = pdf.pages(data, ((2, 2),))

    (white,) = pdf.images(samples.text_pdf(()), dpi=30, form="png")
    assert (white,) == pdf.images(data, dpi=30, first=2, last=2, form="png")
    assert (white,) == pdf.images(part, dpi=30, form="png")


def test_a_scanners_tiff_is_cut_through_its_pdf(pdf):
    """A TIFF of three frames: its PDF, made twice, gives the same parts."""
    data = samples.tiff(3)
    once = pdf.pages(pdf.from_images((data,)), ((1, 1), (2, 3)))
    again = pdf.pages(pdf.from_images((data,)), ((1, 1), (2, 3)))

    assert once == again
    assert [1, 2] == [pdf.read(one).info.pages for one in once]


def test_a_file_with_an_owner_password_is_cut(pdf):
    """Anybody may open it: its parts open too, and read the same."""
    data = samples.encrypted(_numbered(3), user="")
    (part,) = pdf.pages(data, ((2, 2),))
    assert ["Facture numéro 2"] == _words(pdf, part)


def _answer(pdf: ChildPdf, data: bytes) -> str:
    """ "cut", or the code of the refusal."""
    try:
        pdf.pages(data, ((1, 1),))
    except UnreadableError as refused:
        return refused.code
    return "cut"


def _looped() -> bytes:
    """A page tree that holds itself."""
    with pikepdf.open(io.BytesIO(_numbered(3))) as pdf:
        pdf.Root.Pages.Kids.append(pdf.Root.Pages)
        pdf.Root.Pages.Parent = pdf.Root.Pages
        return samples.saved(pdf)


@pytest.mark.parametrize(
    ("data", "ranges", "code"),
    [
        (samples.encrypted(_numbered(2), user="secret"), ((1, 1),), "unreadable.encrypted"),
        (_numbered(2), ((1, 1), (2, 3)), "unreadable.damaged"),
        (_numbered(2), ((3, 0),), "unreadable.damaged"),
        (_numbered(2), ((0, 1),), "unreadable.damaged"),
        (_numbered(2)[:60], ((1, 1),), "unreadable.damaged"),
        (b"", ((1, 1),), "unreadable.empty"),
        (b"<Invoice/>", ((1, 1),), "unreadable.not_pdf"),
    ],
    ids=["password", "beyond", "after the end", "page 0", "truncated", "empty", "no pdf"],
)
def test_what_cannot_be_cut_is_refused(pdf, data, ranges, code):
    """The reason is told, and the next file is cut."""
    with pytest.raises(UnreadableError) as refused:
        pdf.pages(data, ranges)
    assert code == refused.value.code
    assert 1 == len(pdf.pages(_numbered(1), ((1, 1),)))


@pytest.mark.parametrize(
    "data", [_looped(), samples.form_loop(), samples.content_bomb()],
    ids=["page tree", "form loop", "content bomb"],
)  # fmt: skip
def test_a_hostile_file_is_answered_within_bounds(pdf, data):
    """A loop or a bomb is cut or refused, never followed; the parent's memory does not grow."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert _answer(pdf, data) in {
        "cut",
        "unreadable.bomb",
        "unreadable.damaged",
        "unreadable.memory",
        "unreadable.timeout",
    }
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 < 200 * MEGABYTE
    assert 1 == len(pdf.pages(_numbered(1), ((1, 1),)))


def test_parts_that_do_not_fit_together_are_refused(pdf):
    """Thirty megabytes of noise on a page, cut ten times: 300 MB would stand in memory."""
    drawn = Pdf.new()
    noise = random.Random(7).randbytes(30 * MEGABYTE)  # noqa: S311
    picture = pikepdf.Stream(
        drawn, noise, Type=Name.XObject, Subtype=Name.Image,
        Width=6144, Height=5120, ColorSpace=Name.DeviceGray, BitsPerComponent=8,
    )  # fmt: skip
    samples.add_page(drawn, b"q 100 0 0 100 0 0 cm /P Do Q", objects={"/P": picture})
    with pytest.raises(UnreadableError) as refused:
        pdf.pages(samples.saved(drawn), ((1, 1),) * 10)
    assert "unreadable.too_large" == refused.value.code


def test_too_many_pages_are_refused():
    """The house's own bound on pages holds here too."""
    client = ChildPdf(Limits(pages=4))
    try:
        with pytest.raises(UnreadableError) as refused:
            client.pages(_numbered(5), ((1, 2),))
    finally:
        client.close()
    assert "unreadable.too_many_pages" == refused.value.code
