"""What AnalyzeExpense found → the neutral values of domain/pages.py, page by page.

Read as it comes, not by textractor, which gives a whole document the page of its first field and
stops at the first field without a box. Types that say nothing of ours are left out.

Source: https://docs.aws.amazon.com/textract/latest/dg/expensedocuments.html
"""

from collections.abc import Mapping

from facteur.adapters.aws.textract_sieve import (
    ENGINE,
    MAX_TEXT,
    UnreadableAnswer,
    figure,
    fractions,
    listed,
)
from facteur.domain.pages import Box, Expense, Finds, Said

MAX_EXPENSES, MAX_LINES = 80, 300  # of one page

#: AnalyzeExpense's types (SummaryFields) that say what a field of ours is.
_ROLES: Mapping[str, str] = {
    "INVOICE_RECEIPT_ID": "number",
    "INVOICE_RECEIPT_DATE": "issue_date",
    "DUE_DATE": "due_date",
    "DELIVERY_DATE": "delivery_date",
    "PO_NUMBER": "purchase_order",
    "PAYMENT_TERMS": "payment_terms",
    "VENDOR_NAME": "seller_name",
    "RECEIVER_NAME": "buyer_name",
    "VENDOR_VAT_NUMBER": "seller_vat",
    "RECEIVER_VAT_NUMBER": "buyer_vat",
    "SUBTOTAL": "excl",
    "TAX": "vat",
    "TOTAL": "incl",
    "AMOUNT_DUE": "due",
    "AMOUNT_PAID": "prepaid",
}
#: AnalyzeExpense's types of a line's values (LineItemExpenseFields).
_COLUMNS: Mapping[str, str] = {
    "ITEM": "description",
    "QUANTITY": "quantity",
    "UNIT_PRICE": "unit_price",
    "PRICE": "net",
    "PRODUCT_CODE": "code",
}


def of_expense(documents: object) -> dict[int, Finds]:
    """The fields and lines of AnalyzeExpense's documents, by page number."""
    if not isinstance(documents, list):
        raise UnreadableAnswer(type(documents).__name__)
    fields: dict[int, list[Expense]] = {}
    lines: dict[int, list[tuple[Expense, ...]]] = {}
    for document in documents:
        for one in listed(document, "SummaryFields"):
            if (given := _expense(one, _ROLES)) is not None:
                page, expense = given
                fields.setdefault(page, []).append(expense)
        for group in listed(document, "LineItemGroups"):
            for item in listed(group, "LineItems"):
                if (held := _line(item)) is not None:
                    lines.setdefault(held[0], []).append(held[1])
    return {
        page: Finds(
            engine=ENGINE,
            expenses=tuple(fields.get(page, [])[:MAX_EXPENSES]),
            lines=tuple(lines.get(page, [])[:MAX_LINES]),
        )
        for page in sorted(fields.keys() | lines.keys())
    }


def _line(item: object) -> tuple[int, tuple[Expense, ...]] | None:
    """The values of one line, one for each column, and its page."""
    found: dict[str, tuple[int, Expense]] = {}
    for one in listed(item, "LineItemExpenseFields")[:MAX_EXPENSES]:
        if (given := _expense(one, _COLUMNS)) is not None:
            found.setdefault(given[1].role, given)
    if not found:
        return None
    page = next(iter(found.values()))[0]
    return page, tuple(expense for number, expense in found.values() if number == page)


def _expense(field: object, roles: Mapping[str, str]) -> tuple[int, Expense] | None:
    """A field whose type says something of ours, with a text and a box; None for any other."""
    if not isinstance(field, dict):
        return None
    kind, value = field.get("Type"), field.get("ValueDetection")
    role = roles.get(kind["Text"]) if isinstance(kind, dict) and isinstance(kind.get("Text"), str) else None  # fmt: skip  # noqa: E501
    if role is None or not isinstance(kind, dict) or not isinstance(value, dict):
        return None
    text, box = value.get("Text"), fractions(value.get("Geometry"))
    sure = [figure(one.get("Confidence")) for one in (kind, value)]
    page = field.get("PageNumber", 1)
    if not isinstance(text, str) or not text.strip() or box is None or type(page) is not int:
        return None
    known = [one for one in sure if one is not None]
    if len(known) < 2 or page < 1:
        return None
    label = field.get("LabelDetection")
    named = label.get("Text") if isinstance(label, dict) else ""
    place = Box(box["Left"], box["Top"], box["Left"] + box["Width"], box["Top"] + box["Height"])
    said = Said(" ".join(text.split())[:MAX_TEXT], place, min(1.0, max(0.0, min(known) / 100)))
    return page, Expense(
        role=role, value=said, label=named[:MAX_TEXT] if isinstance(named, str) else ""
    )
