"""The XML parser against hostile, damaged and merely odd documents."""

import pytest
from facteur.domain.errors import UnreadableError
from facteur.formats.safe_xml import MAX_DEPTH, parse, root_name

from tests.effort import effort

LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">'
    + b"".join(
        f'<!ENTITY lol{n} "{f"&lol{n - 1 if n > 1 else str()};" * 10}">'.encode()
        for n in range(1, 10)
    )
    + b"]><lolz>&lol9;</lolz>"
)
EXTERNAL = (
    b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a>&x;</a>'
)
PARAMETER = b'<!DOCTYPE a [<!ENTITY % p SYSTEM "http://127.0.0.1:1/p.dtd"> %p;]><a/>'
HONEST = b"<a>" + b"<b>text</b>" * 100_000 + b"</a>"
QUADRATIC = b'<!DOCTYPE a [<!ENTITY x "' + b"x" * 50_000 + b'">]><a>' + b"&x;" * 50_000 + b"</a>"


def refusal(data: bytes, **limits: int) -> str:
    """The code with which the parser refuses."""
    with pytest.raises(UnreadableError) as caught:
        parse(data, **limits)
    return caught.value.code


@pytest.mark.parametrize("attack", [LAUGHS, EXTERNAL, PARAMETER, QUADRATIC, b"<!DOCTYPE a><a/>"])
def test_a_document_type_is_refused_at_once(attack: bytes) -> None:
    """No entity is ever declared: billion laughs, external files and DTD stop before they act."""
    assert refusal(attack) == "unreadable.xml.doctype"
    assert effort(lambda: refusal(attack)) < effort(lambda: parse(HONEST))


def test_a_document_type_in_another_encoding_is_refused_too() -> None:
    """Hiding the DOCTYPE in UTF-16 changes nothing: both parsers read the same characters."""
    text = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'
    assert refusal(text.encode("utf-16")) == "unreadable.xml.doctype"


def test_depth_is_bounded() -> None:
    """A hundred thousand levels are refused without building a tree."""
    assert refusal(b"<a>" * 100_000 + b"</a>" * 100_000) == "unreadable.xml.too_deep"
    assert parse(b"<a>" * MAX_DEPTH + b"</a>" * MAX_DEPTH).tag == "a"


def test_the_number_of_elements_is_bounded() -> None:
    """Millions of small elements would cost gigabytes as a tree: refused while walking."""
    assert refusal(b"<a>" + b"<b/>" * 500_001 + b"</a>") == "unreadable.xml.too_many_nodes"


def test_the_number_of_attributes_is_bounded() -> None:
    """Attributes cost memory as elements do, and count with them."""
    many = b" ".join(b'a%d=""' % n for n in range(500_001))
    assert refusal(b"<a " + many + b"/>") == "unreadable.xml.too_many_nodes"


def test_size_is_bounded_before_anything_is_read() -> None:
    """A huge text is refused by its length alone."""
    huge = b"<a>" + b"x" * (200 * 1024 * 1024) + b"</a>"
    assert refusal(huge) == "unreadable.xml.too_large"
    assert effort(lambda: refusal(huge)) < effort(lambda: parse(HONEST))


def test_a_large_attachment_is_read() -> None:
    """A text of 12 MB, as a PDF in base64 makes, is beyond libxml2's own limit but within ours."""
    text = b"A" * (12 * 1024 * 1024)
    assert len(parse(b"<a>" + text + b"</a>").text or "") == len(text)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "unreadable.empty"),
        (b" \n\t ", "unreadable.empty"),
        (b"<a><b></a>", "unreadable.xml"),
        (b"<a>", "unreadable.xml"),
        (b"not xml", "unreadable.xml"),
        (b"<a>\x00</a>", "unreadable.xml"),
        (b"<a/><b/>", "unreadable.xml"),
        (b'<?xml version="1.0" encoding="UTF-8"?><a>\xe9</a>', "unreadable.xml"),
        (b'<?xml version="1.0" encoding="KLINGON"?><a/>', "unreadable.xml.encoding"),
        (b'<?xml version="1.0" encoding="UTF-16"?><a/>', "unreadable.xml.encoding"),
        (b'<?xml version="1.0" encoding="utf-7"?><a>+AOk-</a>', "unreadable.xml.encoding"),
    ],
)
def test_what_is_not_xml_is_refused_with_its_reason(data: bytes, code: str) -> None:
    """Damaged files and wrong encodings get a reason, never a crash nor a guess."""
    assert refusal(data) == code


@pytest.mark.parametrize(
    "data",
    [
        "<?xml version='1.0' encoding='UTF-8'?><a>é</a>".encode(),
        b"\xef\xbb\xbf" + "<?xml version='1.0' encoding='UTF-8'?><a>é</a>".encode(),
        "<?xml version='1.0' encoding='ISO-8859-1'?><a>é</a>".encode("latin-1"),
        "<?xml version='1.0' encoding='windows-1252'?><a>é</a>".encode("cp1252"),
        "<?xml version='1.0' encoding='UTF-16'?><a>é</a>".encode("utf-16"),
        "<a>é</a>".encode(),
    ],
)
def test_honest_encodings_are_read(data: bytes) -> None:
    """UTF-8 with or without mark, Latin-1, Windows-1252 and UTF-16 give the same text."""
    assert parse(data).text == "é"


def test_comments_and_instructions_are_dropped() -> None:
    """They hold nothing of an invoice, and could cut a value in two."""
    root = parse(b"<a><!-- x --><?y z?><b>1<!-- x -->2</b></a>")
    assert [child.tag for child in root] == ["b"]
    assert root[0].text == "12"


def test_the_root_is_named_without_reading_further() -> None:
    """Detection asks for the root of any bytes, damaged ones included."""
    assert root_name(b'<?xml version="1.0"?><x:a xmlns:x="urn:n"><broken') == ("urn:n", "a")
    assert root_name(b"<a><b>") == ("", "a")
    assert root_name(b"%PDF-1.7") is None
    assert root_name(b"") is None
