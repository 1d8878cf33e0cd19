"""Marks nobody sees: they come along when a cell is copied from a page or a document, and keep two equal texts apart.

Blanks of other widths are blanks (Zs of Unicode); soft hyphens, joiners, marks of direction and of encoding, and control
characters stand for nothing (Cf, Cc)."""

import re
from itertools import groupby

_BLANKS = "\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
_FORMATS = "\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff"
_CONTROLS = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
_BLANK = re.compile(f"[{_BLANKS}]")
_MARK = re.compile(f"[{_BLANKS}{_FORMATS}{_CONTROLS}]")


def seen(text: str) -> str:
    """The text without marks, blanks of other widths as plain ones; tabulators and line ends stay."""
    return text if text.isprintable() else _MARK.sub(lambda mark: " " if _BLANK.match(mark[0]) else "", text)


def seen_bytes(text: bytes) -> bytes:
    """The same of UTF-8 in which some mark beyond ASCII is; looked for byte by byte only where one may begin, and no
    Cyrillic letter begins so (bench/residents.py: a list of millions passes through here)."""
    if any(lead in text and marks.search(text) for lead, marks in _LEADS.items()):
        return seen(text.decode()).encode()
    return text


def _leads() -> dict[bytes, re.Pattern[bytes]]:
    """First byte of a mark in UTF-8 → marks that begin with it."""
    wide = re.compile(f"[{_BLANKS}{_FORMATS}]")
    marks = [mark.encode() for mark in map(chr, (*range(0x80, 0x3001), 0xFEFF)) if wide.match(mark)]
    return {lead: re.compile(b"|".join(map(re.escape, of))) for lead, of in groupby(marks, key=lambda mark: mark[:1])}


_LEADS = _leads()
