"""The body of a mail → the texts of its page (mail.typ), bounded."""

from datetime import datetime

from facteur.domain.letters import Letter, Paragraph

MOST_CHARACTERS = 200_000  # some sixty pages: no receipt is as long


def view_of(letter: Letter) -> dict[str, object]:
    """What mail.typ places; what is beyond the bound is left out, and said."""
    left, blocks = MOST_CHARACTERS, list[dict[str, object]]()
    for one in letter.blocks:
        if isinstance(one, Paragraph):
            size = len(one.text)
            made: dict[str, object] = {
                "kind": "heading" if one.heading else "text",
                "text": one.text,
            }
        else:
            size = sum(len(cell) for row in one.rows for cell in row)
            made = {"kind": "rows", "rows": [list(row) for row in one.rows]}
        left -= size
        if left < 0:
            blocks.append({"kind": "text", "text": "[…] La suite du message est dans l'original."})
            break
        blocks.append(made)
    return {
        "title": letter.subject or "Message",
        "sender": letter.sender_name or letter.sender,
        "label": _label(letter),
        "blocks": blocks,
    }


def _label(letter: Letter) -> str:
    """What the page is, and where it comes from."""
    written = f" du {letter.sent_at:%d/%m/%Y}" if letter.sent_at is not None else ""
    about = f" « {letter.subject} »" if letter.subject else ""
    return (
        f"Établi par Facteur depuis le corps du message{about} de {letter.sender}{written} ; "
        "le message d'origine est conservé."
    )


def timestamp_of(sent_at: datetime | None) -> int:
    """The date of the PDF: the mail's own, so that the same mail always makes the same bytes."""
    return 0 if sent_at is None else max(0, int(sent_at.timestamp()))
