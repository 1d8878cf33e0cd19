"""The actions of reconcile written for a whole batch, set by set, each with its row of history.

Nothing here decides; tasks/reconcile.py did. The caller holds the persons' locks and owns the transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from oncor_cases.store import bulk
from oncor_cases.store.session import Connection
from oncor_cases.tasks.reconcile import Action, Change, Close, Open, OpenTask, Reopen
from oncor_cases.tasks.wish import LEVELS, Key

SWEEP = "sweep"  # author of what the rules did
_FIELDS = ("icd10", "due", "level", "owner", "danger", "because", "edition", "norm", "state", "waiting_until",
           "snoozed_until", "handed_to", "assignee")  # fmt: skip
_TYPES = ("text", "date", "text", "text", "smallint", "text", "text", "text", "text", "date", "date", "text", "text")
_STORED = tuple({"owner": "owner_org"}.get(name, name) for name in _FIELDS)

_NEW = {"id": "bigint", "person_id": "int", "pathway": "text", "episode": "text", "rule": "text", "subject": "text",
        "opened_on": "date", "because": "jsonb"}  # fmt: skip
_EVENT = {
    "task_id": "bigint", "on_day": "date", "author": "text", "kind": "text", "person_id": "int", "state": "text",
    "level": "text", "due": "date", "waiting_until": "date", "owner_org": "text", "assignee": "text", "icd10": "text",
    "edition": "text", "data": "jsonb",
}  # fmt: skip


class Decided(NamedTuple):
    """What reconcile decided for one person. `tasks`: the rows the actions speak of, as they were; `because`: the
    explanation of every wish that is opened, reopened or changed."""

    person: int
    actions: Sequence[Action]
    tasks: Mapping[int, OpenTask]
    because: Mapping[Key, Mapping[str, Any]]


@dataclass(slots=True)
class Counts:
    """What a sweep did, as the command line prints it."""

    persons: int = 0
    opened: int = 0
    changed: int = 0
    closed: int = 0
    reopened: int = 0
    escalated: int = 0
    failed: int = 0

    def add(self, other: "Counts") -> None:
        """Sums the counts of batches."""
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def as_dict(self) -> dict[str, Any]:
        """In the order of the contract."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(slots=True)
class _Batch:
    """Rows gathered on the way through the actions."""

    today: date
    author: str
    history: list[tuple[Any, ...]] = field(default_factory=list)
    notices: list[tuple[int, str, str]] = field(default_factory=list)
    seen_by: set[tuple[int, str]] = field(default_factory=set)

    def tell(self, task: int, person: int, kind: str, row: Mapping[str, Any], data: Mapping[str, Any]) -> None:
        self.seen_by.add((person, row["owner"]))
        self.history.append(
            (task, self.today, self.author, kind, person, row["state"], row["level"], row["due"], row["waiting_until"],
             row["owner"], row["assignee"], row["icd10"], row["edition"], dict(data))
        )  # fmt: skip


def write(conn: Connection, region: int, today: date, decided: Sequence[Decided], author: str = SWEEP) -> Counts:
    """Closes, reopens, changes and opens; appends the history; puts notices of risen levels into the outbox."""
    batch, counts = _Batch(today, author), Counts()
    closes: list[tuple[Any, ...]] = []
    updates: list[tuple[Any, ...]] = []
    opens: list[tuple[int, Open, Mapping[str, Any]]] = []
    for person, actions, tasks, because in decided:
        for action in actions:
            match action:
                case Close(id, _, reason, fact):
                    row = _row(tasks[id]) | {"state": "closed", "waiting_until": None}
                    batch.tell(id, person, "closed", row, {"reason": reason, "fact": fact})
                    closes.append((id, reason, int(fact) if fact.isdigit() else None))
                case Change(id, wish, values, events):
                    row = _row(tasks[id]) | values
                    diff = {k: _plain(v) for k, v in values.items()}
                    for n, kind in enumerate(events):
                        batch.tell(id, person, kind, row, {} if n else diff)
                    if "escalated" in events:
                        counts.escalated += 1
                        batch.notices.append((id, wish.level, row["owner"]))
                    updates.append((id, because.get(wish.key), *(row[name] for name in _FIELDS)))
                    counts.changed += 1
                case Reopen(id, wish, values):
                    row = dict(values)
                    batch.tell(id, person, "reopened", row, {})
                    if _above(wish.level):
                        batch.notices.append((id, wish.level, row["owner"]))
                    updates.append((id, because.get(wish.key), *(row[name] for name in _FIELDS)))
                    counts.reopened += 1
                case Open():
                    opens.append((person, action, because.get(action.wish.key, {})))
    counts.closed, counts.opened = len(closes), len(opens)
    _close(conn, region, today, author, closes)  # a key leaves the unique index before anything may enter it
    _update(conn, region, updates)
    for id, (person, action, _) in zip(_open(conn, region, today, opens), opens, strict=True):
        batch.tell(id, person, "opened", action.fields, {})
        if _above(action.wish.level):
            counts.escalated += 1
            batch.notices.append((id, action.wish.level, action.fields["owner"]))
    _tell(conn, region, batch)
    return counts


def _above(level: str) -> bool:
    return LEVELS.index(level) > LEVELS.index("navigator")


def _row(task: OpenTask) -> dict[str, Any]:
    return {name: getattr(task, name) for name in _FIELDS}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _close(conn: Connection, region: int, today: date, author: str, closes: Sequence[tuple[Any, ...]]) -> None:
    if not closes:
        return
    ids, reasons, facts = (list(column) for column in zip(*closes, strict=True))
    conn.execute(
        """update task t
           set state = 'closed', waiting_until = null, closed_on = %s, closed_at = clock_timestamp(), closed_by = %s,
               closed_reason = c.reason, closing_fact = c.fact
           from unnest(%s::bigint[], %s::text[], %s::bigint[]) c(id, reason, fact)
           where t.region_id = %s and t.id = c.id""",
        (today, author, ids, reasons, facts, region),
    )


def _update(conn: Connection, region: int, updates: Sequence[tuple[Any, ...]]) -> None:
    """Writes changed and reopened rows. Without a new explanation the stored one stays."""
    if not updates:
        return
    columns = {"id": "bigint", "told": "jsonb"} | {f"v_{c}": t for c, t in zip(_STORED, _TYPES, strict=True)}
    sets = ", ".join(f"{name} = u.v_{name}" for name in _STORED if name != "because")
    source, values = bulk.table_of(columns, updates, "u")
    conn.execute(
        f"""update task t
            set {sets}, because = coalesce(u.told, t.because),
                closed_on = null, closed_at = null, closed_by = '', closed_reason = '', closing_fact = null
            from {source}
            where t.region_id = %s and t.id = u.id""",
        (*values, region),
    )


def _open(conn: Connection, region: int, today: date, opens: Sequence[tuple[int, Open, Mapping[str, Any]]]) -> list[int]:
    """New rows; each takes over what was done with its clock before it became a task."""
    if not opens:
        return []
    ids = bulk.new_ids(conn, "task", len(opens))
    keep = [name for name in _FIELDS if name != "because"]
    bulk.insert(
        conn, "task", region, _NEW | {c: t for c, t in zip(_STORED, _TYPES, strict=True) if c != "because"},
        [
            (id, person, *action.wish.key, today, because, *(action.fields[name] for name in keep))
            for id, (person, action, because) in zip(ids, opens, strict=True)
        ],
    )  # fmt: skip
    persons = sorted({person for person, _, _ in opens})
    conn.execute(
        """update clock_event e set task_id = t.id
           from task t
           where e.region_id = %s and e.person_id = any(%s) and e.task_id is null
             and t.region_id = e.region_id and t.person_id = e.person_id and t.pathway = e.pathway
             and t.episode = e.episode and t.rule = e.rule and t.subject = e.subject and t.id = any(%s)""",
        (region, persons, ids),
    )
    return ids


def _tell(conn: Connection, region: int, batch: _Batch) -> None:
    if batch.history:
        bulk.insert(conn, "task_event", region, _EVENT, batch.history)
        source, values = bulk.table_of({"person_id": "int", "org": "text"}, sorted(batch.seen_by))
        conn.execute(
            f"""insert into person_scope (region_id, person_id, org, reason)
                select %s, person_id, org, 'task' from {source} on conflict do nothing""",
            (region, *values),
        )
    if batch.notices:
        source, values = bulk.table_of({"task_id": "bigint", "level": "text", "owner_org": "text"}, batch.notices)
        conn.execute(
            f"""insert into notice (region_id, task_id, level, owner_org) select %s, task_id, level, owner_org from {source}
                on conflict (region_id, task_id, level) do nothing""",
            (region, *values),
        )
