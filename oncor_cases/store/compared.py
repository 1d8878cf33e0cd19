"""Both sides of the comparisons of sources, gathered once a run into tables of the transaction.

    rc_code        every code that occurs, with its site (kernel.codes.site_group) and whether it is a tumour of its own
    rc_tumour      what the register says of a tumour: (person, site)
    rc_registered  who stands in a register: one row a person and sender; `active`: not removed; `other`: another region's
    rc_observed    who is under observation by the fund's list: (person, site)
    rc_document    final diagnoses of documents in force: (person, site)
    rc_away        who left the region and did not come back
    rc_unpaired    paid courses without a document of their own (store/compared_courses.py)

Everything is read from facts in force, and of equals the values decide, never the number of a row: the order in which
lists and documents came does not matter. Groups are gathered from sorted rows: an order inside each of ten aggregates
would cost a sort for each of 130,000 groups."""

from datetime import date

from oncor_cases.facts.registers import OTHER_REGISTER
from oncor_cases.facts.vocabulary import KINDS
from oncor_cases.kernel.codes import MALIGNANT, icd10, site_group
from oncor_cases.store import bulk, compared_courses
from oncor_cases.store.partial import PART, day
from oncor_cases.store.session import Connection

_DAY = (  # a whole ISO day that casts without an error; 29 February falls back on the day of the document
    r"^(19|20)\d\d-((0[13578]|1[02])-(0[1-9]|[12]\d|3[01])|(0[469]|11)-(0[1-9]|[12]\d|30)|02-(0[1-9]|1\d|2[0-8]))$"
)

# Who is registered or observed since some year is so all the same, and who left in some month has left: a day of it stands
# in (store/partial.py), `dated` is false.
_BASE = f"""
    create temp table rc_fact on commit drop as
    select s.person_id, f.id, f.kind, f.evidence, f.on_date is not null as dated,
           {day("f")} as on_date,
           coalesce(d.kind, '') as list, coalesce(d.sender_org, '') as sender,
           starts_with(coalesce(d.sender_org, ''), %(other)s) as other,
           coalesce(f.attributes ->> 'icd10', '') as code, coalesce(f.attributes ->> 'org', '') as org,
           coalesce(f.attributes ->> 'register', '') as register, coalesce(f.attributes ->> 'status', '') as status,
           coalesce(f.attributes ->> 'region', '') as region,
           case when f.kind = 'diagnosis' then f.attributes end as told, f.document_id
    from fact f join subject s on s.region_id = f.region_id and s.id = f.subject_id and s.person_id is not null
    left join document d on d.region_id = f.region_id and d.id = f.document_id
    where f.region_id = %(region)s and f.in_force
      and (f.on_date <= %(today)s or f.on_date is null and f.on_text ~ '{PART}' and f.evidence in ('register', 'list')
           and f.kind in ('register_entry', 'register_exit', 'diagnosis'))
      and f.certainty = 'established'
      and (f.kind in ('diagnosis', 'chemo_cycle') and f.evidence in ('document', 'register', 'claim')
           or f.kind in ('register_entry', 'register_exit') and f.evidence in ('register', 'list')
           or f.kind in ('moved_away', 'death')
           or f.kind = 'notice_090u' and f.evidence = 'document')"""

_SIDES = (
    """create temp table rc_tumour on commit drop as
       select distinct on (x.person_id, x.site) x.person_id, x.site, x.code, x.on_date, x.dated, x.id as fact, x.sender,
              coalesce(x.told ->> 'stage', '') as stage, coalesce(x.told ->> 't', '') as t,
              coalesce(x.told ->> 'n', '') as n, coalesce(x.told ->> 'm', '') as m
       from (select f.*, c.site, bool_or(f.list = 'list_register_tumours') over (partition by f.person_id) as listed
             from rc_fact f join rc_code c on c.code = f.code and c.site <> ''
             where f.kind = 'diagnosis' and f.evidence = 'register' and f.status = 'final' and not f.other) x
       -- the register's own export is the register; records of other programs stand in where it has nothing
       where not x.listed or x.list = 'list_register_tumours'
       order by x.person_id, x.site, x.on_date desc, x.told ->> 'stage', x.code, x.sender, x.id""",
    """create temp table rc_registered on commit drop as
       select x.person_id, x.sender, x.other, x.entry_on, x.exit_on, coalesce(x.orgs[1], '') as org, x.facts[1] as fact,
              x.exit_on is null or x.exit_on < x.entry_on as active
       from (select f.person_id, f.sender, f.other, bool_or(f.list = 'list_register_tumours') as listed,
                    max(f.on_date) filter (where f.kind <> 'register_exit') as entry_on,
                    max(f.on_date) filter (where f.kind = 'register_exit') as exit_on,
                    array_agg(f.org) filter (where f.kind = 'register_entry' and f.org <> '') as orgs,
                    array_agg(f.id) filter (where f.kind <> 'register_exit') as facts
             from (select f.* from rc_fact f
                   where f.evidence = 'register' and (f.kind = 'diagnosis' and f.status = 'final' or f.register = 'oncology')
                   order by f.person_id, f.sender, f.kind = 'register_entry' desc, f.on_date desc, f.org, f.id) f
             group by f.person_id, f.sender, f.other) x
       where x.entry_on is not null and (x.listed or not exists (select from rc_fact o
           where o.person_id = x.person_id and o.list = 'list_register_tumours' and not o.other))""",
    """create temp table rc_observed on commit drop as
       select distinct on (f.person_id, f.site) f.person_id, f.site, f.code, f.on_date, f.dated, f.org, f.id as fact,
              f.sender
       from (select f.*, c.site from rc_fact f join rc_code c on c.code = f.code) f
       where f.kind = 'register_entry' and f.list = 'list_observed' and f.register = 'oncology' and not f.other
         and not exists (select from rc_fact e left join rc_code c on c.code = e.code
             where e.person_id = f.person_id and e.kind = 'register_exit' and e.evidence = 'list' and not e.other
               and e.register = 'oncology' and e.on_date >= f.on_date and (e.code = '' or c.site = f.site))
       order by f.person_id, f.site, f.on_date desc, f.code, f.org, f.id""",
    f"""create temp table rc_document on commit drop as
       with said as (
           select f.person_id, c.site, f.code, f.on_date, f.id, f.sender, f.told,
                  coalesce(f.told ->> 'stage', '') as stage,
                  case when f.told ->> 'first_on' ~ '{_DAY}' then (f.told ->> 'first_on')::date
                       when f.told ->> 'primacy' = 'first' then f.on_date end as first_on
           from rc_fact f join rc_code c on c.code = f.code and c.site <> '' and c.own
           where f.kind = 'diagnosis' and f.evidence = 'document' and f.status = 'final'
             and not exists (select from rc_fact e left join rc_code x on x.code = e.code
                 where e.person_id = f.person_id and e.kind = 'diagnosis' and e.evidence = 'document'
                   and e.status = 'excluded' and e.on_date >= f.on_date and coalesce(x.site, '') in ('', c.site)))
       select g.person_id, g.site, g.seen_on, g.first_on[1] as first_on, g.ids[1] as fact, g.codes[1] as code,
              g.senders[1] as sender, g.dated[1] as dated_by, g.stages, g.ts, g.ns, g.ms,
              g.staged[array_upper(g.staged, 1)] as staged, g.staging[array_upper(g.staging, 1)] as staged_by
       from (select person_id, site, min(on_date) as seen_on, array_agg(id) as ids, array_agg(code) as codes,
                    array_agg(sender) as senders,
                    array_agg(first_on) filter (where first_on is not null) as first_on,
                    array_agg(id) filter (where first_on is not null) as dated,
                    array_agg(stage) filter (where stage <> '') as stages,
                    array_agg(substr(told ->> 't', 1, 2)) filter (where told ->> 't' <> '') as ts,
                    array_agg(substr(told ->> 'n', 1, 2)) filter (where told ->> 'n' <> '') as ns,
                    array_agg(substr(told ->> 'm', 1, 2)) filter (where told ->> 'm' <> '') as ms,
                    array_agg(told) filter (where stage <> '') as staged, array_agg(id) filter (where stage <> '') as staging
             from (select * from said order by person_id, site, on_date, first_on, stage, code, sender, id) said
             group by person_id, site) g""",
    "create index on rc_tumour (person_id)",
    "create index on rc_registered (person_id)",
    "create index on rc_observed (person_id)",
    "create index on rc_document (person_id)",
    "analyze rc_tumour, rc_registered, rc_observed, rc_document",
)

_AWAY = """create temp table rc_away on commit drop as
    select distinct on (person_id) person_id, id, on_date, region from rc_fact where kind = 'moved_away'
    order by person_id, on_date desc, id desc"""
# Attached, under observation or seen here later: back, as for the pathways (workflows/clocks.py, Person.of). Who answers the
# telephone may do so anywhere.
_BACK = """delete from rc_away m using subject s join fact f on f.region_id = s.region_id and f.subject_id = s.id
    left join document d on d.region_id = f.region_id and d.id = f.document_id
    where s.region_id = %(region)s and s.person_id = m.person_id and f.in_force and f.on_date > m.on_date
      and f.on_date <= %(today)s and f.certainty = 'established'
      and not starts_with(coalesce(d.sender_org, ''), %(other)s)
      and (f.kind in ('attached', 'register_entry') or f.kind = any(%(here)s))"""


def gather(conn: Connection, region: int, today: date) -> None:
    """Fills the tables of both sides with what is in force now."""
    conn.execute("set local work_mem = '128MB'")
    conn.execute("set local default_statistics_target = 20")  # of tables that live for seconds a rough idea is enough
    conn.execute(_BASE, {"region": region, "today": today, "other": OTHER_REGISTER})
    conn.execute("create index on rc_fact (person_id)")
    conn.execute("analyze rc_fact")
    codes = [row.code for row in conn.execute("select distinct code from rc_fact where code <> ''")]
    conn.execute(
        "create temp table rc_code (code text primary key, site text not null, own boolean not null) on commit drop"
    )
    kinds = {"code": "text", "site": "text", "own": "boolean"}
    rows = [(code, site_group(icd10(code)) or "", (icd10(code) or "") in MALIGNANT) for code in codes]
    conn.execute(
        f"insert into rc_code select r.code, r.site, r.own from {bulk.recordset(kinds)}", (bulk.packed(kinds, rows),)
    )
    conn.execute("analyze rc_code")
    for statement in _SIDES:
        conn.execute(statement)
    conn.execute(_AWAY)
    here = [name for name, kind in KINDS.items() if kind.presence and name != "contact"]
    conn.execute(_BACK, {"region": region, "today": today, "other": OTHER_REGISTER, "here": here})
    compared_courses.gather(conn)


def loaded(conn: Connection, region: int) -> dict[str, date]:
    """Kinds of lists in force with the day the latest of them speaks of."""
    rows = conn.execute(
        """select kind, max(as_of) as day from list_load where region_id = %s and state in ('loaded', 'replaced')
           group by kind having max(as_of) is not null""",
        (region,),
    )
    return {row.kind: row.day for row in rows}
