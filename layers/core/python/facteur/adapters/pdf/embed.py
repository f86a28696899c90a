"""The invoice's XML into a PDF, and the metadata that say so.

One `factur-x.xml`, whatever the file carried before; the other attachments stay. The relationship
is always Data: it is right for every profile, and never claims that page and XML say exactly the
same (docs/decisions). Written with pikepdf in the same pass as the repair, so that dates are the
caller's and nothing else of the document is lost.
Sources: Factur-X 1.0 §6 (embedding, XMP and its extension schema), ISO 19005-3 §6.6.2.3 and §6.8,
ISO 32000-1 §7.11.4 (embedded files).
"""

import hashlib
from collections.abc import Container
from datetime import UTC, datetime
from itertools import count
from xml.sax.saxutils import escape

import pikepdf

from facteur.adapters.pdf.embedded import (
    STANDARD_NAMES,
    Found,
    files_of,
    name_of,
    named_specifications,
    specifications,
    stream_of,
)

NAME = STANDARD_NAMES[0]
RELATIONSHIP = "Data"
PRODUCER = "Facteur"
SCHEMA = "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#"

_PROPERTIES = {
    "DocumentFileName": "Nom du fichier XML embarqué",
    "DocumentType": "Nature du document hybride, en capitales",
    "Version": "Version du schéma des données XML",
    "ConformanceLevel": "Profil des données XML",
}


def attach(pdf: pikepdf.Pdf, xml: bytes, level: str, *, title: str, created: datetime) -> None:
    """Put the XML in, in place of any earlier invoice, and rewrite the metadata."""
    kept = without_invoices(pdf)
    spec = _specification(pdf, xml, created)
    listed = sorted([(NAME, spec), *kept], key=lambda one: one[0].encode("utf-16-be"))
    names = pdf.Root.get("/Names")
    if not isinstance(names, pikepdf.Dictionary):
        names = pdf.Root.Names = pikepdf.Dictionary()
    pairs = [thing for name, one in listed for thing in (pikepdf.String(name), one)]
    names["/EmbeddedFiles"] = pikepdf.Dictionary(Names=pikepdf.Array(pairs))
    pdf.Root.AF = pikepdf.Array([spec, *(one for _, one in kept)])
    _describe(pdf, level, title=title, created=created)


def without_invoices(pdf: pikepdf.Pdf) -> list[tuple[str, pikepdf.Dictionary]]:
    """Take every invoice XML out of the document; the other attachments, by name.

    Attachment notes on pages are left where they are, unless they hold an invoice.
    """
    invoices = {found.key for found in files_of(pdf) if found.is_invoice}
    kept: dict[str, pikepdf.Dictionary] = {}
    seen: set[tuple[int, int]] = set()
    others = [("", one) for one in specifications(pdf.Root.get("/AF"))]
    for name, spec in [*named_specifications(pdf), *others]:
        stream = stream_of(spec)
        if stream is None or stream.objgen in invoices or stream.objgen in seen:
            continue
        seen.add(stream.objgen)
        kept[_free(name_of(spec) or name or "annexe", kept)] = pdf.make_indirect(spec)
    for page in pdf.pages:
        if "/AF" in page.obj:
            del page.obj["/AF"]
        _without_notes(page.obj, invoices)
    return list(kept.items())


def add_files(pdf: pikepdf.Pdf, files: list[Found]) -> None:
    """Carry other attachments over into a new document."""
    for found in files:
        if found.data is not None and not found.is_invoice:
            spec = pikepdf.AttachedFileSpec(
                pdf,
                found.data,
                filename=found.name,
                mime_type=found.media_type or "application/octet-stream",
                relationship=pikepdf.Name("/" + (found.relationship or "Unspecified")),
            )
            pdf.attachments[found.name] = spec


def xmp(level: str, *, title: str, created: datetime) -> bytes:
    """The metadata packet: PDF/A-3b, title, dates, the Factur-X schema and its four values."""
    moment = created.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00")
    values = {
        "DocumentType": "INVOICE",
        "DocumentFileName": NAME,
        "Version": "1.0",
        "ConformanceLevel": level,
    }
    declared = "\n".join(
        f"""     <rdf:li rdf:parseType="Resource">
      <pdfaProperty:name>{name}</pdfaProperty:name>
      <pdfaProperty:valueType>Text</pdfaProperty:valueType>
      <pdfaProperty:category>external</pdfaProperty:category>
      <pdfaProperty:description>{description}</pdfaProperty:description>
     </rdf:li>"""
        for name, description in _PROPERTIES.items()
    )
    given = "\n".join(f"   <fx:{name}>{value}</fx:{name}>" for name, value in values.items())
    return f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about="" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">
   <pdfaid:part>3</pdfaid:part>
   <pdfaid:conformance>B</pdfaid:conformance>
  </rdf:Description>
  <rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/">
   <dc:title><rdf:Alt><rdf:li xml:lang="x-default">{_plain(title)}</rdf:li></rdf:Alt></dc:title>
  </rdf:Description>
  <rdf:Description rdf:about="" xmlns:pdf="http://ns.adobe.com/pdf/1.3/">
   <pdf:Producer>{PRODUCER}</pdf:Producer>
  </rdf:Description>
  <rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/">
   <xmp:CreatorTool>{PRODUCER}</xmp:CreatorTool>
   <xmp:CreateDate>{moment}</xmp:CreateDate>
   <xmp:ModifyDate>{moment}</xmp:ModifyDate>
   <xmp:MetadataDate>{moment}</xmp:MetadataDate>
  </rdf:Description>
  <rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
    xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"
    xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
   <pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
    <pdfaSchema:schema>Factur-X PDFA Extension Schema</pdfaSchema:schema>
    <pdfaSchema:namespaceURI>{SCHEMA}</pdfaSchema:namespaceURI>
    <pdfaSchema:prefix>fx</pdfaSchema:prefix>
    <pdfaSchema:property><rdf:Seq>
{declared}
    </rdf:Seq></pdfaSchema:property>
   </rdf:li></rdf:Bag></pdfaExtension:schemas>
  </rdf:Description>
  <rdf:Description rdf:about="" xmlns:fx="{SCHEMA}">
{given}
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>""".encode()


def pdf_date(moment: datetime) -> str:
    """A date as PDF writes it, in UTC (ISO 32000-1 §7.9.4)."""
    return moment.astimezone(UTC).strftime("D:%Y%m%d%H%M%S+00'00'")


def _describe(pdf: pikepdf.Pdf, level: str, *, title: str, created: datetime) -> None:
    """The XMP packet and the older information dictionary, saying the same."""
    packet = pikepdf.Stream(pdf, xmp(level, title=title, created=created))
    packet.Type, packet.Subtype = pikepdf.Name.Metadata, pikepdf.Name.XML
    pdf.Root.Metadata = pdf.make_indirect(packet)
    pdf.trailer["/Info"] = pdf.make_indirect(
        pikepdf.Dictionary(
            Title=pikepdf.String(title),
            Producer=pikepdf.String(PRODUCER),
            Creator=pikepdf.String(PRODUCER),
            CreationDate=pikepdf.String(pdf_date(created)),
            ModDate=pikepdf.String(pdf_date(created)),
        )
    )


def _specification(pdf: pikepdf.Pdf, xml: bytes, created: datetime) -> pikepdf.Dictionary:
    """The file specification of factur-x.xml, with its bytes."""
    stream = pikepdf.Stream(pdf, xml)
    stream.Type, stream.Subtype = pikepdf.Name.EmbeddedFile, pikepdf.Name("/text/xml")
    stream.Params = pikepdf.Dictionary(
        Size=len(xml),
        ModDate=pikepdf.String(pdf_date(created)),
        CheckSum=pikepdf.String(hashlib.md5(xml, usedforsecurity=False).digest()),
    )
    held = pdf.make_indirect(stream)
    return pdf.make_indirect(
        pikepdf.Dictionary(
            Type=pikepdf.Name.Filespec,
            F=pikepdf.String(NAME),
            UF=pikepdf.String(NAME),
            Desc=pikepdf.String("Facture Factur-X"),
            AFRelationship=pikepdf.Name("/" + RELATIONSHIP),
            EF=pikepdf.Dictionary(F=held, UF=held),
        )
    )


def _free(name: str, taken: Container[str]) -> str:
    """The name, or the name with a number when another file has it: a name tree has each once."""
    if name not in taken and name != NAME:
        return name
    stem, dot, ending = name.rpartition(".")
    return next(
        other
        for number in count(2)
        if (other := f"{stem or ending} ({number}){dot if stem else ''}{ending if stem else ''}")
        not in taken
    )


def _without_notes(page: pikepdf.Object, invoices: Container[tuple[int, int]]) -> None:
    """Remove attachment notes that hold an invoice."""
    notes = page.get("/Annots")
    if not isinstance(notes, pikepdf.Array):
        return
    kept = []
    for note in notes:
        held = note.get("/FS") if isinstance(note, pikepdf.Dictionary) else None
        stream = stream_of(held) if isinstance(held, pikepdf.Dictionary) else None
        if stream is None or stream.objgen not in invoices:
            kept.append(note)
    if len(kept) < len(notes):
        page.Annots = pikepdf.Array(kept)


def _plain(text: str) -> str:
    """Text that XML can hold."""
    return escape("".join(one for one in text if one.isprintable()))
