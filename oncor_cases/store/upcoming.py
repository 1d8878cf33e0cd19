"""Running clocks that are no tasks yet: listed from the cached views, decidable like tasks.

A clinic's list goes through the persons of its scope; a region's list through the earliest running clock of a view."""

from datetime import date
from typing import Any

from oncor_cases.kernel.calendar import Calendar
from oncor_cases.store.inbox import PAGE, WIDE, After, Filters, TaskRow
from oncor_cases.store.session import Connection, Scope

COUNTED = 500
AHEAD = 10  # working days shown before a due date

_CLOCKS = """
    select v.person_id, v.pathway, v.episode, v.icd10, c ->> 'rule' as rule, coalesce(c ->> 'subject', '') as subject,
           (c ->> 'due')::date as due, coalesce(c ->> 'norm', 'verified') as norm,
           coalesce(nullif(c ->> 'owner', ''), p.attached_org) as owner_org, c ->> 'start' as start_on,
           coalesce(c ->> 'started_by', '') as started_by, (c -> 'term' ->> 0)::int as term, c -> 'term' ->> 1 as unit
    from pathway_view v
    join person p on p.region_id = v.region_id and p.id = v.person_id
    cross join lateral jsonb_array_elements(v.view -> 'clocks') c
    where v.region_id = %(region)s and {persons} and c ->> 'status' = 'running' and coalesce(c ->> 'silent', '') <> 'true'
      and (c ->> 'due')::date between %(today)s and %(until)s
"""
_OF_CLINIC = (
    "v.next_due <= %(until)s and v.person_id = any(array(select distinct s.person_id from person_scope s"
    " where s.region_id = %(region)s and s.org = any(%(orgs)s)))"
)
_OF_REGION = "v.next_due between %(today)s and %(until)s"


def _ready(scope: Scope, filters: Filters, today: date, calendar: Calendar) -> tuple[str, str, dict[str, Any]]:
    wide = scope.role in WIDE
    clocks = _CLOCKS.format(persons=_OF_REGION if wide else _OF_CLINIC)
    wanted = [] if wide else ["k.owner_org = any(%(orgs)s)"]
    wanted += ["k.rule = %(rule)s"] if filters.rule else []
    wanted += ["k.owner_org = %(clinic)s"] if filters.clinic else []
    values = {
        "region": scope.region, "orgs": list(scope.orgs), "today": today, "until": calendar.add_working_days(today, AHEAD),
        "rule": filters.rule, "clinic": filters.clinic,
    }  # fmt: skip
    return clocks, " and ".join(wanted) or "true", values


def count(conn: Connection, scope: Scope, today: date, calendar: Calendar) -> int:
    """How many clocks end within the next working days; counting stops at COUNTED, a longer list is just long."""
    clocks, wanted, values = _ready(scope, Filters(), today, calendar)
    query = f"select count(*) from (select 1 from ({clocks}) k where {wanted} limit {COUNTED + 1}) few"
    return int(conn.execute(query, values).fetchone()[0])


def page(
    conn: Connection, scope: Scope, filters: Filters, today: date, calendar: Calendar, after: After | None, limit: int = PAGE
) -> list[TaskRow]:
    """The next rows by due date and person; the clocks of one person on one day are never torn apart by a page."""
    clocks, wanted, values = _ready(scope, filters, today, calendar)
    if after is not None:
        wanted += " and (k.due, k.person_id) > (%(after_due)s, %(after_person)s)"
        values |= {"after_due": after.due, "after_person": after.id}
    rows = conn.execute(
        f"""
        with page as materialized (
            select k.* from ({clocks}) k where {wanted} order by k.due, k.person_id fetch first {int(limit)} rows with ties)
        select k.*, p.public_id as person, p.family, p.given, p.patronymic, p.birth_date, p.sex, p.phones, p.provisional,
               coalesce(nullif(o.short_name, ''), o.name, k.owner_org) as owner_name,
               coalesce(e.author, '') as assignee, coalesce(u.name, e.author, '') as assignee_name
        from page k
        join person p on p.region_id = %(region)s and p.id = k.person_id
        left join organisation o on o.region_id = p.region_id and o.oid = k.owner_org
        left join lateral (
            select c.author from clock_event c where c.region_id = p.region_id and c.person_id = k.person_id
               and (c.pathway, c.episode, c.rule, c.subject) = (k.pathway, k.episode, k.rule, k.subject)
               and c.kind = 'took' and c.task_id is null order by c.id desc limit 1) e on true
        left join user_account u on u.login = e.author
        order by k.due, k.person_id, k.rule, k.subject
        """,
        values,
    ).fetchall()
    # By their ids in a query of their own: joined, the planner may rather read every fact there is through row security.
    ids = sorted({int(r.started_by) for r in rows if r.started_by.isdigit()})
    found = conn.execute("select id, kind from fact where region_id = %s and id = any(%s)", (scope.region, ids)).fetchall()
    kinds = {str(f.id): f.kind for f in found}
    return [_row(r, kinds.get(r.started_by, "")) for r in rows]


def _row(r: Any, start_kind: str) -> TaskRow:
    return TaskRow(
        task=None, person=r.person, id=r.person_id, family=r.family, given=r.given, patronymic=r.patronymic,
        birth_date=r.birth_date, sex=r.sex, phones=tuple(r.phones), provisional=r.provisional, rule=r.rule,
        subject=r.subject,
        icd10=r.icd10, due=r.due, level="", state="taken" if r.assignee else "upcoming", waiting_until=None,
        assignee=r.assignee, assignee_name=r.assignee_name, owner_org=r.owner_org, owner_name=r.owner_name, danger=0,
        norm=r.norm, pathway=r.pathway, episode=r.episode,
        because={"start": {"on": r.start_on, "kind": start_kind}, "limit": r.term, "unit": r.unit},
    )  # fmt: skip
