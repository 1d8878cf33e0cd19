"""The yearly plan of observation by month against visits held: `rc_missed`, one row a person.

A planned month is kept by anything that shows the person here in it or later (`presence` of the vocabulary, a call is none):
who came in June is not asked for about March. Whoever was removed from observation since is nobody's to call."""

from datetime import date

from oncor_cases.checks.comparisons import PLAN_COMES
from oncor_cases.facts.registers import OTHER_REGISTER
from oncor_cases.facts.vocabulary import KINDS
from oncor_cases.store.partial import day
from oncor_cases.store.session import Connection

MONTH = r"^20\d\d-(0[1-9]|1[0-2])$"
_MISSED = f"""create temp table rc_missed on commit drop as
    with plan as (
        select s.person_id, f.id, coalesce(f.attributes ->> 'icd10', '') as code,
               coalesce(f.attributes ->> 'org', '') as org, coalesce(f.attributes ->> 'register', 'oncology') as register,
               case when f.on_text ~ '{MONTH}' then (f.on_text || '-01')::date end as month
        from fact f join subject s on s.region_id = f.region_id and s.id = f.subject_id and s.person_id is not null
        join document d on d.region_id = f.region_id and d.id = f.document_id and d.kind = 'list_observation_plan'
        where f.region_id = %(region)s and f.in_force and f.kind = 'visit_planned' and f.on_date is null
    ), due as materialized (
        select * from plan where month >= %(since)s and (month + interval '1 month')::date + %(comes)s <= %(today)s
    ), known as materialized (
        select s.person_id, f.kind, {day("f")} as on_date, coalesce(f.attributes ->> 'register', 'oncology') as register
        from subject s join fact f on f.region_id = s.region_id and f.subject_id = s.id and f.in_force
        left join document d on d.region_id = f.region_id and d.id = f.document_id
        where s.region_id = %(region)s and s.person_id in (select person_id from due)
          and (f.kind = any(%(here)s) or f.kind in ('register_entry', 'register_exit'))
          and f.certainty = 'established' and {day("f")} <= %(today)s
          and (f.on_date is not null or f.kind in ('register_entry', 'register_exit'))
          and not starts_with(coalesce(d.sender_org, ''), %(other)s)
    ), held as (
        select person_id, max(on_date) as seen_on from known where kind = any(%(here)s) group by 1
    ), removed as (
        select person_id, register from known where kind in ('register_entry', 'register_exit') group by 1, 2
        having max(on_date) filter (where kind = 'register_exit')
            >= coalesce(max(on_date) filter (where kind = 'register_entry'), '-infinity')
    )
    select p.person_id, h.seen_on, array_agg(distinct to_char(p.month, 'YYYY-MM')) as months,
           (array_agg(p.code order by p.month, p.code, p.org))[1] as code,
           (array_agg(p.org order by p.month desc, p.code, p.org))[1] as org,
           (array_agg(p.id order by p.month, p.code, p.org, p.id))[1] as fact
    from due p left join held h on h.person_id = p.person_id
    where (h.seen_on is null or h.seen_on < p.month)
      and not exists (select from removed r where r.person_id = p.person_id and r.register = p.register)
    group by p.person_id, h.seen_on"""


def gather(conn: Connection, region: int, since: date | None, today: date) -> None:
    """Fills `rc_missed (person_id, months, code, org, fact, seen_on)`. Before `since` documents told of no visits."""
    here = [name for name, kind in KINDS.items() if kind.presence and name != "contact"]
    values = {
        "region": region, "since": since or date(1900, 1, 1), "today": today, "comes": PLAN_COMES, "here": here,
        "other": OTHER_REGISTER,
    }  # fmt: skip
    conn.execute(_MISSED, values)
