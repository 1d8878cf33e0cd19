"""Two states of the rule records side by side: which fields differ. Data in, data out; words are the page's business."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from oncor_cases.kernel.dates import as_date
from oncor_cases.regulations.amend import DUTY, EDITION

Record = Mapping[str, Any]
_FIELDS = ("term", *(name for name in EDITION if name not in ("limit", "unit", "known", "roll")))


class Differs(NamedTuple):
    """One field. `edition`: start and variant of the edition it belongs to, None for a field of the duty itself;
    a value of None is an absent one, `term` is (limit, unit); `new`: the whole edition is new (True) or gone (False)."""

    rule: str
    edition: tuple[str, str] | None
    field: str
    before: Any
    after: Any
    new: bool | None = None


def differences(before: Sequence[Record], after: Sequence[Record]) -> list[Differs]:
    """Every field that differs, in the order of the records; switches last."""
    old = {str(r["rule"]): r for r in before if "rule" in r}
    told: list[Differs] = []
    for record in after:
        if "rule" not in record or record == old.get(str(record["rule"])):
            continue
        was, rule = old[str(record["rule"])], str(record["rule"])
        told += [Differs(rule, None, n, was.get(n), record.get(n)) for n in DUTY if was.get(n) != record.get(n)]
        told += _editions(rule, was.get("editions", ()), record.get("editions", ()))
    values = {str(r["switch"]): r["value"] for r in before if "switch" in r}
    changed = {str(r["switch"]): r["value"] for r in after if "switch" in r}
    told += [
        Differs("", None, id, values.get(id), changed.get(id))
        for id in sorted(values.keys() | changed.keys())
        if values.get(id) != changed.get(id)
    ]
    return told


def _editions(rule: str, before: Sequence[Record], after: Sequence[Record]) -> list[Differs]:
    old, new = {_key(e): e for e in before}, {_key(e): e for e in after}
    told: list[Differs] = []
    for key in [*old, *(k for k in new if k not in old)]:
        was, now = old.get(key), new.get(key)
        state = None if was is not None and now is not None else now is not None
        for name in _FIELDS:
            mine, theirs = _plain(was, name), _plain(now, name)
            if mine != theirs:
                told.append(Differs(rule, (key[0], key[1]), name, mine, theirs, state))
    return told


def _key(row: Record) -> tuple[str, str, Any, str, int]:
    """In one layer an edition keeps its start and variant while its terms change."""
    day, ages = as_date(row.get("from")), tuple(row.get("ages", (0, 200)))
    return (day.isoformat() if day else "", row.get("variant", ""), ages, row.get("region", ""), int(row.get("layer", 0)))


def _plain(row: Record | None, name: str) -> Any:
    if name == "term":
        return (row["limit"], row["unit"]) if row else None
    value = row.get(name) if row else None
    if name in ("from", "to"):
        day = as_date(value)
        return day.isoformat() if day else None
    return tuple(value) if isinstance(value, list) else value
