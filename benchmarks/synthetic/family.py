"""What families of invoices share: how amounts are printed, a day, the truth of a head."""

import random
from datetime import date, timedelta
from decimal import Decimal

from benchmarks.synthetic.content import Company

Truth = dict[str, object]


def fr(value: Decimal, sign: str = " €") -> str:
    whole, part = f"{abs(value):.2f}".split(".")
    groups = []
    while whole:
        groups.insert(0, whole[-3:])
        whole = whole[:-3]
    return ("-" if value < 0 else "") + " ".join(groups) + "," + part + sign


def en(value: Decimal, sign: str = "") -> str:
    return f"{sign}{value:,.2f}"


def de(value: Decimal, sign: str = " €") -> str:
    return f"{value:,.2f}".replace(",", "_").replace(".", ",").replace("_", ".") + sign


def some_day(rng: random.Random) -> date:
    return date(2020, 1, 1) + timedelta(days=rng.randint(0, 2300))


def base_truth(
    kind: str, number: str, issued: date, seller: Company, buyer: Company | None
) -> Truth:
    truth: Truth = {
        "type": kind, "number": number, "issue_date": issued.isoformat(), "currency": "EUR",
        "seller_name": [seller.full, seller.name],
    }  # fmt: skip
    if buyer is not None:
        truth["buyer_name"] = buyer.full
    return truth
