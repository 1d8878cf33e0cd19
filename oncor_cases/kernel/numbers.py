"""Whole numbers as they come from outside, in a form or an address."""

HIGHEST = 2**63 - 1  # of the numbers the store gives its rows


def whole(text: str, lowest: int, highest: int) -> int | None:
    """The number a text is, blanks around it aside, if it lies within the bounds; else None. Digits are 0–9 only: `²` is a
    digit to `str.isdigit` and no number to `int`, and a number of a hundred digits fits no column."""
    said = text.strip()
    if not said.isascii() or not said.isdigit() or len(said) > len(str(highest)):
        return None
    number = int(said)
    return number if lowest <= number <= highest else None
