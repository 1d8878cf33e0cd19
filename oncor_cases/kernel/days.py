"""Dates as lists write them."""

import re
from datetime import date, timedelta

_FORMS = (
    (re.compile(r"^(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]00:00(?::00(?:\.0+)?)?)?$"), (1, 2, 3)),
    (re.compile(r"^(\d{1,2})[./](\d{1,2})[./](\d{4})(?: 0?0:00(?::00)?)?$"), (3, 2, 1)),
    (re.compile(r"^(\d{4})(\d{2})(\d{2})$"), (1, 2, 3)),
)
_SPREADSHEET = date(1899, 12, 30)  # a spreadsheet counts days from here


def listed_day(text: str) -> date | None:
    """2024-03-01, 01.03.2024, 20240301 or a spreadsheet's number of days; None for what is no day of a calendar."""
    text = text.strip()
    for form, (year, month, day) in _FORMS:
        if match := form.match(text):
            try:
                return date(int(match[year]), int(match[month]), int(match[day]))
            except ValueError:
                return None
    if re.fullmatch(r"\d{5}", text):
        return _SPREADSHEET + timedelta(int(text))
    return None
