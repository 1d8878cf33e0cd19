"""Lists: any table, the claims of the fund, records of ONCOR's interface, all as typed rows with rejects.

A room of its own uses `open_table`, `lay` and `rows.read` with a `Kind` of its choice; the intake of lists uses `door`."""

from oncor_cases.sources.lists.record import KINDS, is_record, kind_of, outline, read
from oncor_cases.sources.lists.rows import Good, NotRecognised, Reject, lay
from oncor_cases.sources.lists.tables import NotATable, open_table

__all__ = [
    "KINDS", "Good", "NotATable", "NotRecognised", "Reject", "is_record", "kind_of", "lay", "open_table", "outline", "read",
]  # fmt: skip
