"""How each comparison finds its differences over both sides (store/compared.py): one statement each, no row read here.

A difference is (comparison, person, thing): `thing` tells several of one person apart (a site, a day). Its values are
those a person compares; who mends it (`org`) and which facts say it are beside them and are no part of their hash.
Codes of one organ (C50.4 and C50.9, D05 and C50) are one site; a stage without a letter covers its letters."""

from datetime import date

from oncor_cases.checks import comparisons as rules
from oncor_cases.store.session import Connection

TABLE = """create temp table rc_found (
    comparison text, person_id int, thing text, org text, left_values jsonb, right_values jsonb, left_fact bigint,
    right_fact bigint) on commit drop"""

_INTO = "insert into rc_found (comparison, person_id, thing, org, left_values, right_values, left_fact, right_fact) "

# The register's own keeper: the cancer centre.
_DISPENSARY = """coalesce((select min(o.oid) from organisation o
    where o.region_id = %(region)s and 'dispensary' = any(o.roles)), '')"""
_ALIVE = "p.died_on is null and not exists (select from rc_away m where m.person_id = p.id)"
_PERSON = "join person p on p.region_id = %(region)s and p.id = {0}.person_id"
_DEATH = """left join lateral (select f.id, f.code from rc_fact f where f.person_id = p.id and f.kind = 'death'
    order by f.code = '', f.on_date desc, f.id desc limit 1) death on true"""
_DIED = "jsonb_strip_nulls(jsonb_build_object('on', p.died_on, 'cause', nullif(death.code, '')))"


def _entry(side: str) -> str:
    return (
        f"jsonb_strip_nulls(jsonb_build_object('code', {side}.code, 'on', case when {side}.dated then {side}.on_date end,"
        f" 'org', nullif({side}.org, '')))"
    )


def _several(side: str, row: str) -> str:
    """Every code of a person with more than one: who differs as a person differs anew when a tumour is added."""
    return f"""coalesce((select jsonb_build_object('codes', jsonb_agg(y.code order by y.site)) from {side} y
                   where y.person_id = {row}.person_id having count(*) > 1), '{{}}')"""


_TUMOUR = """jsonb_strip_nulls(jsonb_build_object('code', t.code, 'on', case when t.dated then t.on_date end,
    'stage', nullif(t.stage, '')))"""
_SAID = "jsonb_build_object('code', d.code, 'on', coalesce(d.first_on, d.seen_on))"
# the region's own register: the entry of a person, of whatever sender; the latest. What another region's register says
# is nobody's here to mend: it is compared with the own one alone (two_registers).
_REGISTERED = """(select distinct on (r.person_id) r.* from rc_registered r where r.active and not r.other
    order by r.person_id, r.entry_on desc, r.sender)"""

FOUND: dict[str, str] = {
    "dead_on_list": f"""
        select 'dead_on_list', o.person_id, o.site, coalesce(nullif(o.org, ''), p.attached_org), {_DIED}, {_entry("o")},
               death.id, o.fact
        from rc_observed o {_PERSON.format("o")} {_DEATH}
        where p.died_on + %(death)s < %(observed)s""",
    "dead_on_register": f"""
        select 'dead_on_register', r.person_id, '', {_DISPENSARY}, {_DIED},
               jsonb_build_object('on', r.entry_on, 'register', r.sender), death.id, r.fact
        from {_REGISTERED} r {_PERSON.format("r")} {_DEATH}
        where p.died_on + %(death)s < %(registered)s""",
    "moved_away": f"""
        select 'moved_away', m.person_id, '', coalesce(nullif(o.org, ''), nullif(r.org, ''), p.attached_org),
               jsonb_strip_nulls(jsonb_build_object('on', m.on_date, 'region', nullif(m.region, ''))),
               jsonb_strip_nulls(jsonb_build_object('observed', o.on_date, 'registered', r.entry_on,
                   'org', coalesce(nullif(o.org, ''), nullif(r.org, '')))),
               m.id, coalesce(o.fact, r.fact)
        from rc_away m {_PERSON.format("m")}
        left join (select distinct on (person_id) * from rc_observed order by person_id, on_date desc, site) o
            on o.person_id = m.person_id and o.on_date <= m.on_date and m.on_date < %(observed)s
        left join {_REGISTERED} r
            on r.person_id = m.person_id and r.entry_on <= m.on_date and m.on_date < %(registered)s
        where p.died_on is null and (o.fact is not null or r.fact is not null)""",
    "two_registers": f"""
        select 'two_registers', a.person_id, '', {_DISPENSARY},
               jsonb_build_object('on', a.entry_on, 'register', a.sender),
               jsonb_build_object('on', b.entry_on, 'register', b.sender), a.fact, b.fact
        from (select distinct on (r.person_id) r.* from rc_registered r where r.active
              order by r.person_id, r.entry_on, r.sender) a
        join (select distinct on (r.person_id) r.* from rc_registered r where r.active
              order by r.person_id, r.entry_on desc, r.sender desc) b on b.person_id = a.person_id and b.sender <> a.sender
        {_PERSON.format("a")} where p.died_on is null and exists (
            select from rc_registered o where o.person_id = a.person_id and o.active and not o.other)""",
    # Where every tumour of the register is known from documents and they tell of one more; else the sites differ.
    "documents_not_registered": f"""
        select 'documents_not_registered', d.person_id, d.site,
               case when notice.id is null then coalesce(nullif(d.sender, ''), p.attached_org) else {_DISPENSARY} end,
               jsonb_strip_nulls({_SAID} || jsonb_build_object('notice', notice.on_date)),
               '{{}}'::jsonb, d.fact, null::bigint
        from rc_document d {_PERSON.format("d")}
        left join lateral (select f.id, f.on_date from rc_fact f where f.person_id = d.person_id and f.kind = 'notice_090u'
            order by f.on_date desc, f.id desc limit 1) notice on true
        where p.died_on is null and d.seen_on + %(notice)s <= %(registered)s
          and not exists (select from rc_tumour t where t.person_id = d.person_id and t.site = d.site)
          and not exists (select from rc_tumour t where t.person_id = d.person_id
              and not exists (select from rc_document o where o.person_id = t.person_id and o.site = t.site))""",
    "observed_not_registered": f"""
        select distinct on (o.person_id) 'observed_not_registered', o.person_id, '',
               coalesce(nullif(o.org, ''), p.attached_org), {_entry("o")} || {_several("rc_observed", "o")},
               '{{}}'::jsonb, o.fact, null::bigint
        from rc_observed o {_PERSON.format("o")}
        where {_ALIVE} and not exists (select from rc_registered r where r.person_id = o.person_id and not r.other)
          and o.on_date + %(notice)s <= %(registered)s
        order by o.person_id, o.on_date, o.site""",
    "registered_not_observed": f"""
        select 'registered_not_observed', r.person_id, '', coalesce(nullif(p.attached_org, ''), r.org),
               jsonb_strip_nulls(jsonb_build_object('on', r.entry_on, 'org', nullif(r.org, ''), 'code', t.code))
                   || {_several("rc_tumour", "r")}, '{{}}'::jsonb, r.fact, null::bigint
        from {_REGISTERED} r {_PERSON.format("r")}
        left join lateral (select t.code from rc_tumour t where t.person_id = r.person_id
            order by t.on_date, t.site limit 1) t on true
        where {_ALIVE} and r.entry_on + %(notice)s <= %(observed)s
          and not exists (select from rc_observed o where o.person_id = r.person_id)""",
    # Documents are owed for what was diagnosed since they come, and once a year for everybody under observation.
    "registered_without_document": f"""
        select 'registered_without_document', r.person_id, '', coalesce(nullif(p.attached_org, ''), r.org),
               jsonb_strip_nulls(jsonb_build_object('on', r.entry_on, 'org', nullif(r.org, ''), 'code', t.code))
                   || {_several("rc_tumour", "r")}, '{{}}'::jsonb, r.fact, null::bigint
        from {_REGISTERED} r {_PERSON.format("r")}
        left join lateral (select t.code, t.on_date from rc_tumour t where t.person_id = r.person_id
            order by t.on_date, t.site limit 1) t on true
        where {_ALIVE} and (coalesce(t.on_date, r.entry_on) >= %(since)s and r.entry_on + %(comes)s <= %(today)s
                            or %(since)s + %(year)s <= %(today)s)
          and not exists (select from rc_document d where d.person_id = r.person_id)
          and not exists (select from subject s join fact f on f.region_id = s.region_id and f.subject_id = s.id
              where s.region_id = %(region)s and s.person_id = r.person_id and f.in_force and f.evidence = 'document')""",
    "paid_chemo_without_document": f"""
        select distinct on (c.person_id, c.on_date) 'paid_chemo_without_document', c.person_id, c.on_date::text,
               coalesce(nullif(c.org, ''), nullif(c.sender, ''), p.attached_org),
               jsonb_strip_nulls(jsonb_build_object('on', c.on_date, 'code', nullif(c.code, ''), 'org', nullif(c.org, ''))),
               '{{}}'::jsonb, c.id, null::bigint
        from rc_fact c {_PERSON.format("c")}
        where c.kind = 'chemo_cycle' and c.evidence = 'claim' and c.on_date >= %(since)s
          and c.on_date + %(comes)s <= %(today)s
          and exists (select from rc_unpaired u where u.person_id = c.person_id and u.on_date = c.on_date)
        order by c.person_id, c.on_date, c.id""",
    "stage_differs": f"""
        select 'stage_differs', t.person_id, t.site, {_DISPENSARY},
               jsonb_strip_nulls(jsonb_build_object('code', t.code, 'stage', nullif(t.stage, ''), 'tnm',
                   nullif(concat_ws(' ', nullif(t.t, ''), nullif(t.n, ''), nullif(t.m, '')), ''))),
               jsonb_strip_nulls(jsonb_build_object('code', d.code, 'stage', d.staged ->> 'stage', 'tnm',
                   nullif(concat_ws(' ', d.staged ->> 't', d.staged ->> 'n', d.staged ->> 'm'), ''))),
               t.fact, d.staged_by
        from rc_tumour t join rc_document d on d.person_id = t.person_id and d.site = t.site
        where d.stages is not null and (t.stage <> '' and not exists (
                select from unnest(d.stages) s where s = t.stage
                    or starts_with(s, t.stage) and substr(s, length(t.stage) + 1, 1) ~ '[A-D0-9]'
                    or starts_with(t.stage, s) and substr(t.stage, length(s) + 1, 1) ~ '[A-D0-9]')
            or t.t <> '' and d.ts is not null and not substr(t.t, 1, 2) = any(d.ts)
            or t.n <> '' and d.ns is not null and not substr(t.n, 1, 2) = any(d.ns)
            or t.m <> '' and d.ms is not null and not substr(t.m, 1, 2) = any(d.ms))""",
    "date_differs": f"""
        select 'date_differs', t.person_id, t.site, {_DISPENSARY}, jsonb_build_object('code', t.code, 'on', t.on_date),
               jsonb_build_object('code', d.code, 'on', coalesce(d.first_on, d.seen_on)),
               t.fact, coalesce(d.dated_by, d.fact)
        from rc_tumour t join rc_document d on d.person_id = t.person_id and d.site = t.site
        -- who was diagnosed before documents came is in them with the day of some later visit, unless they say since when
        where t.dated
          and abs(t.on_date - coalesce(d.first_on, case when t.on_date >= %(since)s then d.seen_on end)) > %(diagnosis)s""",
    "site_differs": f"""
        select 'site_differs', t.person_id, '', {_DISPENSARY},
               jsonb_build_object('codes', jsonb_agg(t.code order by t.site)),
               jsonb_build_object('codes', (select jsonb_agg(d.code order by d.site) from rc_document d
                   where d.person_id = t.person_id and not exists (select from rc_tumour o
                       where o.person_id = d.person_id and o.site = d.site))),
               (array_agg(t.fact order by t.site))[1],
               (select d.fact from rc_document d where d.person_id = t.person_id and not exists (select from rc_tumour o
                       where o.person_id = d.person_id and o.site = d.site) order by d.site limit 1)
        from rc_tumour t
        where not exists (select from rc_document d where d.person_id = t.person_id and d.site = t.site)
          and exists (select from rc_document d where d.person_id = t.person_id and not exists (select from rc_tumour o
                       where o.person_id = d.person_id and o.site = d.site))
        group by t.person_id""",
    # An oncology office serves several clinics, a department belongs to its clinic: those observe by right.
    "attachment_differs": f"""
        select 'attachment_differs', x.person_id, '', x.org, jsonb_build_object('org', p.attached_org),
               jsonb_build_object('org', x.org, 'on', x.on_date),
               (select f.id from subject s join fact f on f.region_id = s.region_id and f.subject_id = s.id
                where s.region_id = %(region)s and s.person_id = x.person_id and f.kind = 'attached' and f.in_force
                  and f.attributes ->> 'org' = p.attached_org order by f.on_date desc nulls last, f.id desc limit 1), x.fact
        from (select distinct on (person_id) * from (
                  select person_id, org, on_date, fact, 1 as place from rc_observed where org <> ''
                  union all select person_id, org, entry_on, fact, 2 from rc_registered
                  where active and not other and org <> '') y
              order by person_id, place, on_date desc, org) x
        {_PERSON.format("x")}
        left join organisation a on a.region_id = %(region)s and a.oid = p.attached_org
        left join organisation b on b.region_id = %(region)s and b.oid = x.org
        where {_ALIVE} and p.attached_org <> '' and x.org <> p.attached_org
          and not coalesce(x.org in (a.office_oid, a.parent_oid, a.successor_oid), false)
          and not coalesce(p.attached_org in (b.parent_oid, b.successor_oid), false)
          and not coalesce('dispensary' = any(b.roles), false)""",
    "plan_not_kept": f"""
        select 'plan_not_kept', m.person_id, '', coalesce(nullif(m.org, ''), p.attached_org),
               jsonb_strip_nulls(jsonb_build_object('code', nullif(m.code, ''), 'months', to_jsonb(m.months),
                   'org', nullif(m.org, ''))),
               jsonb_strip_nulls(jsonb_build_object('seen', m.seen_on)), m.fact, null::bigint
        from rc_missed m {_PERSON.format("m")} where {_ALIVE}""",
}


def find(conn: Connection, region: int, lists: dict[str, date], since: date | None, today: date) -> list[str]:
    """Fills `rc_found`; the comparisons that could be made: the others lack a list they need. `since`: the day from
    which documents come."""
    conn.execute(TABLE)
    values = {
        "region": region, "today": today, "since": since or date(1900, 1, 1),
        "observed": lists.get(rules.OBSERVED), "registered": lists.get(rules.REGISTER),
        "death": rules.DEATH_COMES, "notice": rules.NOTICE_COMES, "comes": rules.DOCUMENT_COMES,
        "diagnosis": rules.ONE_DIAGNOSIS, "year": rules.A_YEAR,
    }  # fmt: skip
    made = [name for name, c in rules.COMPARISONS.items() if all(kind in lists for kind in c.needs)]
    for name in made:
        conn.execute(_INTO + FOUND[name], values)
    return made
