"""Lines of an insured list that were not taken, and values that were not, as rejects of its load."""

from collections.abc import Mapping, Sequence

from oncor_cases.store.resident_list import FLAWS
from oncor_cases.store.session import Connection

REJECTS_KEPT = 100_000  # of one load; the rest is only counted


def note_rejects(
    conn: Connection, region: int, load: int, columns: Sequence[str], reasons: Mapping[str, tuple[str, str]],
    unread: Sequence[tuple[int, str, str]],
) -> Mapping[str, int]:  # fmt: skip
    """Writes which lines were not taken and why, and which values of taken lines were not, with the line as it came.

    `reasons`: code → (column, words). Returns counts by code."""
    flaws = " union all ".join(
        f"select line, '{code}', true from staging.clean where why is null and flaw & {bit} > 0"
        for code, bit in FLAWS.items()
    )
    said = ", ".join(f"left(coalesce(r.{name}, ''), 300)" for name in columns)
    conn.execute(
        f"""create unlogged table staging.reject as
            select line, code, taken, null::text as raw from (
                select line, why as code, false as taken from staging.clean where why is not null and why <> 'same'
                union all {flaws}) x
            union all select line - 1, code, false, raw
                from unnest(%(lines)s::bigint[], %(codes)s::text[], %(raw)s::text[]) u(line, code, raw)""",
        {"lines": [r[0] for r in unread], "codes": [r[1] for r in unread], "raw": [r[2] for r in unread]},
    )
    conn.execute(
        f"""insert into list_reject (region_id, load_id, seq, line, field, code, message, accepted, raw)
            select %(region)s, %(load)s, x.seq, x.line + 1, w.field, x.code, w.message, x.taken,
                   case when x.raw is null then array[{said}] else array[x.raw] end
            from (select row_number() over (order by line, code) - 1 as seq, * from staging.reject
                  order by line, code limit {REJECTS_KEPT}) x
            join unnest(%(codes)s::text[], %(fields)s::text[], %(words)s::text[]) w(code, field, message) on w.code = x.code
            left join staging.raw r on r.line = x.line and x.raw is null""",
        {
            "region": region, "load": load, "codes": list(reasons),
            "fields": [field for field, _ in reasons.values()], "words": [words for _, words in reasons.values()],
        },
    )  # fmt: skip
    rows = conn.execute("select code, count(*) n from staging.reject group by code order by code")
    return {row.code: row.n for row in rows}


def count(conn: Connection) -> tuple[int, int]:
    """(lines that were copied, lines of them that repeat another one)."""
    row = conn.execute(
        """select (select count(*) from staging.raw) as lines,
                  (select count(*) from staging.clean where why = 'same') as repeated"""
    ).fetchone()
    return row.lines, row.repeated
