"""The rule book: duties with stable ids and their dated editions. Data in, data out; reading the files is a source's job.

A rule id names a duty for ever; an edition says what an act demanded in some years, for some codes, ages and regions."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, NamedTuple, get_args

from oncor_cases.kernel.calendar import Term, Unit
from oncor_cases.kernel.codes import IcdSet
from oncor_cases.kernel.dates import as_date
from oncor_cases.kernel.errors import BadRuleRecord
from oncor_cases.regulations.switches import defaults

ONE_DAY = timedelta(days=1)
EVERY_AGE = (0, 200)
NORMS = ("verified", "recalled", "product")
BASES = ("act", "clinical", "format")  # what a record may say it rests on; a product default rests on "product"


@dataclass(frozen=True, slots=True)
class Edition:
    """One dated record of a duty. `norm`: verified (breaches count), recalled (a reminder until confirmed by a
    methodologist) or product (our own safety default). `variant` tells editions of one day apart (result, stage).
    `basis`: act (a term of the law), clinical (a threshold of research or practice), format (a sign of an exchange
    format) or product; only a verified act makes a norm, the others escalate without being called a breach.

    `revision`: the number of the region's change that wrote it as it stands, 0 for the shipped text; `layer`: the number
    of the change that brought a new edition, which goes before older ones while both are in force."""

    rule: str
    valid_from: date
    valid_to: date
    term: Term
    norm: str
    act: str
    clause: str = ""
    region: str = ""
    variant: str = ""
    icd: IcdSet = field(default_factory=lambda: IcdSet.parse(""))
    ages: tuple[int, int] = (0, 200)
    source: str = ""
    note: str = ""
    basis: str = "act"
    known: date = date.min
    layer: int = 0
    revision: int = 0

    @property
    def id(self) -> str:
        """`DX-01@2026-01-01`, with the variant where there is one; `DX-01@always` for an edition without a start;
        `DX-01@2026-01-01~4` as the region's fourth change has it."""
        day = "always" if self.valid_from == date.min else self.valid_from.isoformat()
        said = f"{self.rule}@{day}" + (f"/{self.variant}" if self.variant else "")
        return f"{said}~{self.revision}" if self.revision else said


class Step(NamedTuple):
    """An escalation step: `level` from `after` working days after the first overdue day."""

    level: str
    after: int


@dataclass(frozen=True, slots=True)
class Duty:
    """What is owed, in words for people, and how the worklist treats it.

    `owner`: named (the organisation the starting fact names), author (who sent it) or attached (clinic of attachment);
    `lost_after`: working days past due before silence means lost, None for paperwork and laboratories;
    `danger`: 0 is the most dangerous to leave undone."""

    rule: str
    pathway: str
    title: str
    starts: str
    stops: str
    owner: str = "attached"
    lost_after: int | None = None
    danger: int = 5
    escalation: tuple[Step, ...] = ()
    renews: bool = False  # every visit or cycle begins it anew: only the current round is known, not the share kept in time
    calls: bool = True  # somebody calls the patient; false for laboratories and paperwork
    word_stops: bool = False  # a person's word is enough to stop this clock (our own duties only)
    watch: tuple[str, str] | None = None  # of a note: names of what starts and stops it (workflows/noted.py)
    says: str = ""  # of a note: its term in words


class Found(NamedTuple):
    """The edition in force and whether it is used outside its own dates ("edition extended, confirm")."""

    edition: Edition
    extended: bool
    id: str


@dataclass(frozen=True, slots=True)
class Condition:
    """A pre-tumour condition under observation: codes, the responsible doctor, months between visits."""

    id: str
    icd: IcdSet
    doctor: str
    months: int
    recalled: bool


@dataclass(frozen=True, slots=True)
class Volume:
    """What may belong to a visit of observation: `kind` core, site (added to the core) or only (instead of it).

    `advisory`: the source says what may be paid for, not what a patient is owed."""

    id: str
    icd: IcdSet
    kind: str
    valid_from: date
    valid_to: date
    services: tuple[str, ...]
    norm: str
    advisory: bool
    source: str


class Move(NamedTuple):
    """A known move of the clinical group; `needs`: consilium, treatment_over or empty."""

    before: str
    after: tuple[str, ...]
    needs: str


class SearchStep(NamedTuple):
    """A step of the search for a lost patient: by which contacts, how many without an answer end it (within so many
    days), working days until the next thing to do, who does it."""

    id: str
    channels: tuple[str, ...]
    times: int
    within_days: int
    wait: int
    who: str


@dataclass(frozen=True, slots=True)
class Tables:
    """Reference tables the pathways read: cycle lengths by regimen id, pre-tumour conditions, programme ids, volumes of
    visits, moves of clinical groups, steps of the search."""

    cycle_days: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    conditions: tuple[Condition, ...] = ()
    programmes: frozenset[str] = frozenset()
    volumes: tuple[Volume, ...] = ()
    moves: tuple[Move, ...] = ()
    search: tuple[SearchStep, ...] = ()


class Rulebook:
    """All duties and editions of one region as known on one day. Immutable; lookups are cached."""

    def __init__(
        self,
        duties: Iterable[Duty],
        editions: Iterable[Edition],
        region: str = "",
        tables: Tables | None = None,
        *,
        notes: Iterable[Duty] = (),
        switches: Mapping[str, str] | None = None,
    ) -> None:
        """`notes`: duties listed but not watched until a region turns them on; `switches`: see regulations/switches.py."""
        self.duties: dict[str, Duty] = {d.rule: d for d in duties}
        self.notes: dict[str, Duty] = {d.rule: d for d in notes}
        self.noted: tuple[Duty, ...] = tuple(d for d in self.duties.values() if d.watch)
        self.switches: dict[str, str] = {**defaults(), **(switches or {})}
        self.editions: dict[str, list[Edition]] = {}
        for edition in editions:
            if edition.rule not in self.duties and edition.rule not in self.notes:
                raise BadRuleRecord(f"Редакция правила {edition.rule}, которого нет в перечне обязанностей")
            self.editions.setdefault(edition.rule, []).append(edition)
        for rows in self.editions.values():
            rows.sort(key=lambda e: (e.valid_from, e.region, e.variant))
        self.unfit: tuple[tuple[int, str], ...] = ()  # changes of the region that the shipped text left behind
        self.region = region
        self.tables = tables or Tables()
        # for these alone the age matters: asked without it, the others answer from the cache for everybody
        self.by_age = {rule for rule, rows in self.editions.items() if any(e.ages != EVERY_AGE for e in rows)}
        self.condition = lru_cache(maxsize=20_000)(self._condition)
        self._fitting = lru_cache(maxsize=50_000)(self._editions_for)  # days differ more than patients do
        self._spans = lru_cache(maxsize=50_000)(self._spans_of)
        self.edition_named = lru_cache(maxsize=20_000)(self._edition_named)

    def edition(self, rule: str, day: date, icd10: str = "", age: int = 40, variant: str = "") -> Found:
        """The edition for a clock that starts on `day`: in force, else the nearest earlier, else the nearest later.

        A region's own edition wins over the federal one. Never fails for a known rule: a clock has always a rule."""
        turns, answers = self._spans(rule, icd10, age, variant)
        at = bisect_right(turns, day)
        found = answers[at]
        if found is None:
            found = answers[at] = self._edition(rule, day, icd10, age, variant)
        return found

    def basis(self, rule: str, day: date) -> str:
        """What the edition in force on a day rests on, for lists by rule; empty for a rule the book does not have."""
        variants = [e.variant for e in self.editions.get(rule, ())]
        return self.edition(rule, day, variant=variants[0]).edition.basis if variants else ""

    def _spans_of(self, rule: str, icd10: str, age: int, variant: str) -> tuple[list[date], list[Found | None]]:
        """The days on which the answer may turn to another edition, and the answers between them as they get known.

        Between two such days nothing begins or ends, and what is nearest stays nearest."""
        fit = self._fitting(rule, icd10, age, variant)
        ends = (e.valid_to + ONE_DAY for e in fit if e.valid_to < date.max)
        turns = sorted({*(e.valid_from for e in fit), *ends})
        return turns, [None] * (len(turns) + 1)

    def _edition(self, rule: str, day: date, icd10: str, age: int, variant: str) -> Found:
        exact = self._fitting(rule, icd10, age, variant)

        def rank(e: Edition) -> tuple[int, int, bool, bool, float, int]:
            if e.valid_from <= day <= e.valid_to:
                # several in force: a later change of the region, its own, the earlier verified limit, the later record
                return (0, -e.layer, e.region == "", e.norm != "verified", _length(e.term), -e.valid_from.toordinal())
            if e.valid_to < day:
                return (1, 0, e.region == "", False, (day - e.valid_to).days, -e.layer)
            return (2, 0, e.region == "", False, (e.valid_from - day).days, -e.layer)

        best = min(exact, key=rank)
        return Found(best, rank(best)[0] != 0, best.id)

    def _edition_named(self, rule: str, id: str) -> Edition | None:
        """The edition of an id a clock or a task was written with; None if the book no longer has it."""
        return next((e for e in self.editions.get(rule, ()) if e.id == id), None)

    def cycle_days(self, regimen: str) -> int | None:
        """The cycle length of a regimen that has exactly one; None where the plan must say it."""
        days = self.tables.cycle_days.get(regimen, ())
        return days[0] if len(days) == 1 else None

    def _condition(self, icd10: str) -> Condition | None:
        """The pre-tumour condition a code belongs to; the longest code wins where two rows name it."""
        return next((c for c in self.tables.conditions if icd10 in c.icd), None)

    def _editions_for(self, rule: str, icd10: str, age: int, variant: str) -> tuple[Edition, ...]:
        """The editions that speak of such a patient, whatever the day."""
        rows = [e for e in self.editions[rule] if e.region in ("", self.region) and e.variant in ("", variant)]
        fit = [e for e in rows if e.ages[0] <= age <= e.ages[1] and icd10 in e.icd] or rows
        return tuple([e for e in fit if e.variant == variant] or fit)

    def term(self, rule: str, day: date, icd10: str = "", age: int = 40, variant: str = "") -> Term:
        """The limit of the edition in force on the day the clock starts."""
        return self.edition(rule, day, icd10, age, variant).edition.term


def _length(term: Term) -> float:
    """About how many calendar days a term takes, to compare limits of several acts."""
    return term.limit * {"working_days": 1.4, "calendar_days": 1.0, "months": 30.4}[term.unit]


def rulebook(
    records: Iterable[Mapping[str, Any]], region: str = "", known_on: date | None = None, tables: Tables | None = None
) -> Rulebook:
    """A rule book from plain records (seeds/regulations/*.yml). Raises BadRuleRecord naming the rule and the field."""
    duties: list[Duty] = []
    notes: list[Duty] = []
    editions: list[Edition] = []
    switches: dict[str, str] = {}
    for record in records:
        if "switch" in record:
            switches[str(record["switch"])] = str(record["value"])
            continue
        rule = str(record.get("rule", "?"))
        try:
            (duties if record.get("active", True) else notes).append(_duty(record))
            for row in record.get("editions", ()):
                edition = _edition(rule, row)
                if known_on is None or edition.known <= known_on:
                    editions.append(edition)
        except (KeyError, TypeError, ValueError) as wrong:
            raise BadRuleRecord(f"Правило {rule}: не читается запись ({wrong})") from wrong
    return Rulebook(duties, editions, region, tables, notes=notes, switches=switches)


def _duty(record: Mapping[str, Any]) -> Duty:
    steps = tuple(Step(str(level), int(after)) for level, after in record.get("escalation", {}).items())
    fields = (
        "rule", "pathway", "title", "starts", "stops", "owner", "lost_after", "danger", "renews", "calls", "word_stops",
        "says",
    )  # fmt: skip
    watch = record.get("watch")
    return Duty(
        **{name: record[name] for name in fields if name in record},
        escalation=steps,
        watch=(watch["start"], watch["stop"]) if watch else None,
    )


def _edition(rule: str, row: Mapping[str, Any]) -> Edition:
    if row["unit"] not in get_args(Unit) or row["norm"] not in NORMS:
        raise ValueError(f"unit={row['unit']}, norm={row['norm']}")
    basis = row.get("basis") or "act"
    if basis not in BASES:
        raise ValueError(f"basis={basis}")
    basis = "product" if row["norm"] == "product" else basis
    low, high = row.get("ages", (0, 200))
    return Edition(
        rule=rule,
        valid_from=_day(row, "from", date.min),
        valid_to=_day(row, "to", date.max),
        term=Term(int(row["limit"]), row["unit"], bool(row.get("roll", basis == "act"))),
        norm=row["norm"],
        act=row["act"],
        clause=row.get("clause", ""),
        region=row.get("region", ""),
        variant=row.get("variant", ""),
        icd=IcdSet.parse(row.get("icd", "")),
        ages=(int(low), int(high)),
        source=row.get("source", ""),
        note=row.get("note", ""),
        basis=basis,
        known=_day(row, "known", date.min),
        layer=int(row.get("layer", 0)),
        revision=int(row.get("revision", 0)),
    )


def _day(row: Mapping[str, Any], name: str, absent: date) -> date:
    """A date as YAML has it, or the text of one as JSON does."""
    if not row.get(name):
        return absent
    day = as_date(row[name])
    if day is None:
        raise ValueError(f"{name}={row[name]}")
    return day
