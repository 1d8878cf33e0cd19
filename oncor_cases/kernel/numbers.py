"""Whole numbers from outside: a field of a form, a piece of an address. Python's own `int` reads more than people mean
(`1_0`, `١٢`) and `str.isdigit` is true of what it does not read (`²`); the database has an end (2⁶³ − 1)."""

import re

from oncor_cases.kernel.errors import UserError

LARGEST = 2**63 - 1  # bigint
_WHOLE = re.compile(r"-?[0-9]{1,40}", re.ASCII)


def whole(text: str, lowest: int, highest: int, title: str = "") -> int:
    """The number a person wrote, blanks around it aside. Raises UserError with `title`, the name of the field, and the
    allowed numbers."""
    found = text.strip()
    number = int(found) if _WHOLE.fullmatch(found) else None
    if number is None or not lowest <= number <= highest:
        told = "нужно целое число" if highest == LARGEST else f"нужно целое число от {lowest} до {highest}"
        raise UserError(f"{title}: {told}" if title else told.capitalize())
    return number


def whole_or(text: str, lowest: int, highest: int, otherwise: int) -> int:
    """The same where a spoilt value of an address means as much as none."""
    try:
        return whole(text, lowest, highest)
    except UserError:
        return otherwise
