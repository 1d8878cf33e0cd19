"""The reading of stored bytes whatever door they came by: a row of a list, else a SEMD."""

from oncor_cases.sources import lists, semd
from oncor_cases.sources.reading import Reading


def read(data: bytes) -> Reading:
    """Never raises on purpose; see the readers."""
    return lists.read(data) if lists.is_record(data) else semd.read(data)
