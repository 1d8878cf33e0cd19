"""What a region judges by: its rule book, its calendar with its own dated records, the day its history ends."""

from dataclasses import dataclass, field, replace
from datetime import date

from oncor_cases.actions.evaluation import Rules
from oncor_cases.facts.timeline import Usual
from oncor_cases.kernel.calendar import CalendarRecord
from oncor_cases.kernel.dates import as_date
from oncor_cases.regulations.routing import Records, Routing
from oncor_cases.sources.seeds import Change, default_calendar, default_rulebook
from oncor_cases.store import calendars, regions, routing, rulebook, traces
from oncor_cases.store.session import Connection


@dataclass(frozen=True, slots=True)
class RegionRules:
    """`recipe` is the same in a form that goes to another process (a rule book caches and does not)."""

    rules: Rules
    recipe: "Recipe"
    demo: bool


@dataclass(frozen=True, slots=True)
class Recipe:
    """All that is needed to make the rules again: plain values. `changes` are the region's records in force, in order;
    equal values are one book, so a process makes each only once."""

    code: str
    records: tuple[CalendarRecord, ...]
    known_on: date | None
    observed_from: date | None
    delays: tuple[tuple[tuple[str, str], Usual], ...] | None = None
    loaded: tuple[tuple[str, date | None], ...] = ()
    routing: Records = field(default_factory=Records)
    live_from: date | None = None
    changes: tuple[Change, ...] = ()
    version: int = 0

    def cook(self) -> Rules:
        """The rules; the rule book and the calendar are built once per process."""
        calendar = default_calendar(self.records, self.known_on)
        return Rules(
            default_rulebook(self.code, self.known_on, self.changes),
            calendar,
            self.observed_from,
            delays=None if self.delays is None else dict(self.delays),
            loaded=dict(self.loaded),
            routing=Routing(self.routing) if self.routing != Records() else None,
            live_from=self.live_from,
            version=self.version,
        )

    def with_changes(self, changes: tuple[Change, ...]) -> "Recipe":
        """The same with another set of changes: the other side of a what-if."""
        return replace(self, changes=changes)


def region_rules(conn: Connection, region: int, known_on: date | None = None, *, told: date | None = None) -> RegionRules:
    """The rules of a region, as known on a day (default: everything known now). Raises NotFound.

    `told`: the day a demo is told it is: changes approved on later days do not count there yet."""
    row = regions.get(conn, region)
    records = calendars.records(conn, region, row.zone)
    version = rulebook.last_number(conn, region)  # before the records: what comes between the two is noticed later
    approved = rulebook.records(conn, region, known_on or (told if row.demo else None))
    late = traces.delays(conn, region, known_on)
    recipe = Recipe(
        str(row.settings.get("rules", "")), records, known_on, row.observed_from,
        None if late is None else tuple(sorted(late.items())), tuple(sorted(traces.loaded(conn, region).items())),
        routing.records(conn, region, row.zone, known_on), as_date(row.settings.get("live_from")),
        rulebook.changes(approved), version,
    )  # fmt: skip
    return RegionRules(recipe.cook(), recipe, row.demo)
