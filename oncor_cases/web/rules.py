"""The rule book and the calendar as pages need them: for working days past a date and for "why this date"."""

from time import monotonic

from oncor_cases.actions.evaluation import Rules
from oncor_cases.actions.region_rules import region_rules
from oncor_cases.web.access import Parts, Reader

FRESH = 60.0  # seconds; a new decree or edition is on the pages a minute later
_kept: dict[tuple[str, int], tuple[float, Rules]] = {}


def forget() -> None:
    """The next page reads the book anew: a change has just been approved here."""
    _kept.clear()


def rules(p: Parts, found: Reader) -> Rules:
    """What the reader's region judges by."""
    key = (p.db.url, found.scope.region)
    kept = _kept.get(key)
    if kept is None or monotonic() - kept[0] > FRESH:
        with p.db.web(found.scope) as conn:
            kept = (monotonic(), region_rules(conn, found.scope.region, told=found.today).rules)
        _kept[key] = kept
    return kept[1]
