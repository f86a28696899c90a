"""Several photographs of one document, as the phone page sends them: a PDF of their own bytes.

The phone keeps each shot as the camera gave it and sets them one a page in a small PDF (static/
phone-pdf.js), so that one file holds the whole document and nothing is lost. Here they come out
again, byte for byte, to be mended one by one. Runs in the PDF child process.
Source: ISO 32000-1 §8.9 (image XObjects), §7.4.8 (DCTDecode: the stream is the JPEG file).
"""

import io

import pikepdf

from facteur.domain.errors import UnreadableError


def jpegs_of(data: bytes, *, most: int) -> tuple[bytes, ...]:
    """The JPEG of each page, in order.

    UnreadableError ``unreadable.too_many_pages``, and ``.damaged`` when a page is anything else
    than one JPEG: such a file was not made by our page.
    """
    found: list[bytes] = []
    with pikepdf.open(io.BytesIO(data)) as pdf:
        if len(pdf.pages) > most:
            raise UnreadableError("unreadable.too_many_pages", pages=len(pdf.pages), most=most)
        for page in pdf.pages:
            images = _images(page)
            if len(images) != 1 or images[0].get("/Filter") != pikepdf.Name.DCTDecode:
                raise UnreadableError("unreadable.damaged")
            found.append(bytes(images[0].read_raw_bytes()))
    if not found:
        raise UnreadableError("unreadable.empty")
    return tuple(found)


def _images(page: pikepdf.Page) -> list[pikepdf.Object]:
    """The pictures that a page names itself; ours are in no form."""
    named = page.obj.get("/Resources", pikepdf.Dictionary()).get("/XObject")
    return [] if named is None else [named[name] for name in named.keys()]  # noqa: SIM118
