"""Records to speak with in the tests of the lifecycle."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from facteur.domain.lifecycle.records import (
    Characteristic,
    Side,
    StatusReason,
    StatusRecord,
    Transmission,
)

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
_PLATFORM = {"200", "201", "202", "203", "213", "221", "501"}
_SELLER = {"209", "212"}


def record(
    code: str,
    minutes: int = 0,
    *,
    own: bool = False,
    name: str = "",
    side: Side | None = None,
    reasons: tuple[str, ...] = (),
    data: tuple[Characteristic, ...] = (),
    transmission: Transmission = Transmission.NONE,
) -> StatusRecord:
    """One status, set so many minutes after noon, by the side that sets it."""
    usual = Side.SELLER if code in _SELLER else Side.BUYER
    return StatusRecord(
        id=f"{'own' if own else 'flow:pa'}:{name or f'{code}-{minutes}'}",
        code=code,
        set_at=NOON + timedelta(minutes=minutes),
        recorded_at=NOON + timedelta(days=1),
        side=side or (Side.PLATFORM if code in _PLATFORM else usual),
        reasons=tuple(StatusReason(code=one) for one in reasons),
        characteristics=data,
        transmission=transmission,
    )


def cash(
    amount: str, rate: str | None = "20", kind: str = "MEN", on: date | None = None
) -> Characteristic:
    """A block of a payment."""
    return Characteristic(
        type=kind,
        amount=Decimal(amount),
        rate=None if rate is None else Decimal(rate),
        on=on,
    )
