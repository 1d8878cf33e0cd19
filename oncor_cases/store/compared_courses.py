"""Paid courses and documents of courses, one to one (checks/courses.py): `rc_unpaired`, the bills left over.

Whether every bill of a person finds a document of its own is told by the database for all persons at once; only those for
whom some do and some do not are looked at one by one, to name the right day."""

from itertools import groupby

from oncor_cases.checks.comparisons import ONE_CYCLE
from oncor_cases.checks.courses import unpaired
from oncor_cases.store import bulk
from oncor_cases.store.session import Connection

_NUMBERED = """create temp table {0} on commit drop as
    select person_id, on_date, row_number() over (partition by person_id order by on_date)::int as n
    from (select distinct person_id, on_date from rc_fact where kind = 'chemo_cycle' and evidence = %s) x"""

# The earliest free document for each bill in turn pairs as many as can be paired.
_PAIRED = """create temp table rc_paired on commit drop as
    with recursive pair as (
        select b.person_id, 0 as n, 0 as used, true as has from rc_bill b where b.n = 1
        union all
        select b.person_id, b.n, coalesce(d.n, p.used), d.n is not null
        from pair p join rc_bill b on b.person_id = p.person_id and b.n = p.n + 1
        left join lateral (select d.n from rc_paper d where d.person_id = b.person_id and d.n > p.used
            and d.on_date between b.on_date - %(cycle)s and b.on_date + %(cycle)s order by d.n limit 1) d on true)
    select person_id, n, has from pair where n > 0"""

_NEITHER = """select b.person_id, b.on_date, true as bill from rc_bill b join torn s using (person_id)
    union all select d.person_id, d.on_date, false from rc_paper d join torn s using (person_id) order by 1, 2"""


def gather(conn: Connection) -> None:
    """Fills `rc_unpaired (person_id, on_date)`."""
    for name, evidence in (("rc_bill", "claim"), ("rc_paper", "document")):
        conn.execute(_NUMBERED.format(name), (evidence,))
        conn.execute(f"create index on {name} (person_id, n)")
        conn.execute(f"analyze {name}")
    conn.execute(_PAIRED, {"cycle": ONE_CYCLE})
    conn.execute(
        """create temp table rc_unpaired on commit drop as select b.person_id, b.on_date from rc_bill b
           where b.person_id in (select person_id from rc_paired group by 1 having not bool_or(has))"""
    )
    rows = conn.execute(
        f"with torn as (select person_id from rc_paired group by 1 having bool_or(has) and not bool_and(has)) {_NEITHER}"
    ).fetchall()
    left = []
    for person, found in groupby(rows, key=lambda r: r.person_id):
        days = list(found)
        bills, papers = ([r.on_date for r in days if r.bill is one] for one in (True, False))
        left += [(person, f"{on}") for on in unpaired(bills, papers, ONE_CYCLE)]
    kinds = {"person_id": "int", "on_date": "date"}
    conn.execute(
        f"insert into rc_unpaired select r.person_id, r.on_date from {bulk.recordset(kinds)}", (bulk.packed(kinds, left),)
    )
    conn.execute("create index on rc_unpaired (person_id, on_date)")
