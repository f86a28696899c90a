"""The supporting documents of an XML invoice (BG-24): base64 inside, files outside.

Bounded like everything a stranger sends: at most 50 files; the text is already bounded by the
XML parser. What is not base64 is set aside with a fault. Only the file's last name is kept: a
path in it means nothing here. Source: EN 16931-1 BT-122 to BT-125; invoice-formats.md §11.
"""

import base64
import binascii
import re

from facteur.domain.documents import EmbeddedFile
from facteur.domain.faults import Severity
from facteur.domain.invoice import Attachment
from facteur.formats.xml_invoice.node import Node

MAX_FILES = 50
_BLANKS = re.compile(r"\s+")
_LONGEST_NAME = 200


class Files:
    """Gathers the files found while an invoice is read."""

    def __init__(self) -> None:
        self._found: list[EmbeddedFile] = []

    @property
    def found(self) -> tuple[EmbeddedFile, ...]:
        """The files so far, in the order of the document, each under a name of its own."""
        return tuple(self._found)

    def attachment(
        self, *, reference: str, description: str, uri: str, content: Node
    ) -> Attachment:
        """One supporting document; its bytes, if any, join the files under its ``filename``."""
        filename = self._keep(content, reference) if content.raw().strip() else ""
        return Attachment(
            reference=reference,
            description=description,
            uri=uri,
            filename=filename,
            media_type=content.attribute("mimeCode"),
        )

    def _keep(self, content: Node, reference: str) -> str:
        wanted = content.attribute("filename") or reference or "annexe"
        if len(self._found) >= MAX_FILES:
            self._complain("xml.attachments_many", content, wanted)
            return ""
        try:
            data = base64.b64decode(_BLANKS.sub("", content.raw()), validate=True)
        except (binascii.Error, ValueError):
            self._complain("xml.attachment", content, wanted)
            return ""
        filename = self._own_name(re.split(r"[/\\]", wanted)[-1][-_LONGEST_NAME:] or "annexe")
        media_type = content.attribute("mimeCode")
        self._found.append(EmbeddedFile(filename=filename, data=data, media_type=media_type))
        return filename

    def _own_name(self, wanted: str) -> str:
        taken = {one.filename for one in self._found}
        stem, dot, suffix = wanted.rpartition(".")
        name, count = wanted, 1
        while name in taken:
            count += 1
            name = f"{stem}-{count}{dot}{suffix}" if dot else f"{wanted}-{count}"
        return name

    @staticmethod
    def _complain(code: str, content: Node, value: str) -> None:
        content.sheet.complain(code, "", content.path, severity=Severity.WARNING, value=value)
