"""Dates inside attributes: a story gives dates, a stored fact gives ISO text; rules see one thing."""

from datetime import date
from typing import Any


def as_date(value: Any) -> date | None:
    """A date from a date or full ISO text; None from anything else (a partial date starts and stops nothing)."""
    if isinstance(value, date):
        return value
    if isinstance(value, str) and len(value) >= 10:
        try:
            return date.fromisoformat(value[:10])
        except ValueError:
            return None
    return None
