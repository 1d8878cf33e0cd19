"""Comparing the sources of a region: 130,000 in the register against 130,000 in the fund's list and in the documents,
differences stored; beside it a bare full outer join of the same rows.

One person in fifty differs in something, spread over the comparisons. Shown: the first run (everything is new), one that
finds nothing changed, one after a corrected list changed a hundredth of the register, one in which everybody differs."""

from datetime import date
from time import perf_counter

from bench import measure
from oncor_cases.actions import comparing
from oncor_cases.store import regions
from oncor_cases.store.session import Connection, Database

GOAL = "130 000 × 130 000 с записью расхождений: до 10 с на двух ядрах"
TODAY = date(2026, 6, 15)
CLINICS = 150
_CODES = "(array['C50.9','C18.7','C34.1','C61','C44.3','C16.2','C53.8','C73'])[1 + g %% 8]"
_STAGES = "(array['I','IIA','IIB','IIIA','IV'])[1 + g %% 5]"
_ORG = "'1.2.643.5.1.13.13.12.2.98.' || 1 + g %% 150"


def run(people: int) -> None:
    with measure.database() as db:
        with db.owner() as conn:
            _fill(conn, people)
        rows: list[tuple[str, object]] = [("людей в регистре, в списке и в документах", f"{people:,}")]
        with db.batch() as conn:
            (facts,) = conn.execute("select count(*) from fact").fetchone()
        rows.append(("фактов в базе", f"{facts:,}"))
        rows += _floor(db)
        rows.append(("наши: первая сверка, расхождения записаны, с", _ours(db)))
        rows.append(("наши: ничего не изменилось, с", _ours(db)))
        with db.owner() as conn:
            conn.execute(
                """update fact f set attributes = f.attributes || '{"stage": "0"}' from document d
                   where d.id = f.document_id and d.kind = 'list_register_tumours' and f.kind = 'diagnosis'
                     and f.subject_id % 100 = 0"""
            )
        rows.append(("наши: изменился каждый сотый, с", _ours(db)))
        with db.owner() as conn:  # the worst list: every tumour of the register has another stage and another day
            conn.execute(
                """update fact f set attributes = f.attributes || '{"stage": "0"}', on_date = f.on_date - 200
                   from document d where d.id = f.document_id and d.kind = 'list_register_tumours'
                     and f.kind = 'diagnosis'"""
            )
        rows.append(("наши: расходятся все и дважды, с", _ours(db)))
        with db.batch() as conn:
            (size,) = conn.execute(
                "select pg_total_relation_size('difference') + pg_total_relation_size('difference_event')"
            ).fetchone()
        rows.append(("расхождения в базе, МБ", f"{size / 1e6:.1f}"))
    measure.show("Сверка источников", rows, goal=GOAL)


def _ours(db: Database) -> str:
    effort, began = measure.Effort(db), perf_counter()
    done = comparing.run(db, 1, TODAY)
    took, total = perf_counter() - began, done.total()
    moved = total["new"] + total["changed"] + total["returned"] + total["ended"]
    return f"{took:.2f} ({effort}), записано {moved:,}"


def _floor(db: Database) -> list[tuple[str, object]]:
    """The least anybody could do: read both sides out of the facts and join them."""
    join = """
        select count(*) filter (where a.person_id is null or b.person_id is null or a.stage is distinct from b.stage)
        from (select s.person_id, left(f.attributes ->> 'icd10', 3) as site, f.attributes ->> 'stage' as stage
              from fact f join subject s on s.region_id = f.region_id and s.id = f.subject_id
              where f.region_id = 1 and f.in_force and f.kind = 'diagnosis' and f.evidence = 'register') a
        full join (select s.person_id, left(f.attributes ->> 'icd10', 3) as site, f.attributes ->> 'stage' as stage
              from fact f join subject s on s.region_id = f.region_id and s.id = f.subject_id
              where f.region_id = 1 and f.in_force and f.kind = 'diagnosis' and f.evidence = 'document') b
            on a.person_id = b.person_id and a.site = b.site"""
    with db.batch() as conn:
        conn.execute("set local work_mem = '128MB'")
        effort, began = measure.Effort(db), perf_counter()
        (differ,) = conn.execute(join).fetchone()
        return [("PostgreSQL: одно полное соединение регистра с документами, с",
                 f"{perf_counter() - began:.2f} ({effort}), разных {differ:,}")]  # fmt: skip


def _fill(conn: Connection, people: int) -> None:
    regions.ensure(conn, 1, name="Регион", observed_from=date(2025, 1, 1), demo=False)
    conn.execute(
        """insert into organisation (region_id, oid, name, short_name, roles)
           select 1, '1.2.643.5.1.13.13.12.2.98.' || g, 'Поликлиника № ' || g, 'Поликлиника № ' || g,
                  case g when 1 then '{dispensary}'::text[] else '{polyclinic}' end
           from generate_series(1, %s) g""",
        (CLINICS,),
    )
    conn.execute(
        f"""insert into person (region_id, id, family, given, sex, birth_date, attached_org, died_on, sort_key, search_key)
            select 1, g, 'Фамилия' || g %% 50000, 'Имя', 'female', '1960-01-01', {_ORG},
                   case when g %% 500 = 1 then date '2026-04-01' end, 'ф' || g, 'ф' || g
            from generate_series(1, %s) g""",
        (people,),
    )
    conn.execute(
        """insert into subject (region_id, id, person_id, family, fingerprint, first_seen_at)
           select 1, g, g, 'Фамилия', decode(lpad(to_hex(g), 16, '0'), 'hex'), '2026-01-01' from generate_series(1, %s) g""",
        (people,),
    )
    for kind in ("register_tumours", "observed", "claims"):
        conn.execute(
            """insert into list_load (region_id, sha256, name, kind, state, as_of, author, received_at)
               values (1, %s, %s, %s, 'loaded', '2026-06-14', 'bench', '2026-06-14')""",
            (kind.encode(), kind, kind),
        )
    # a person in fifty is missing on one side or says another thing: g % 500 tells which
    stage = f"'status', 'final', 'stage', case when g % 500 in (21, 22) then 'IV' else {_STAGES} end"
    first = "case when g % 500 = 31 then date '2025-03-01' else date '2025-09-01' + g % 90 end"
    entry, entered = "'register', 'oncology', 'org', ", "date '2025-09-10' + g % 90"
    said = f"'status', 'final', 'primacy', 'first', 'stage', {_STAGES}"
    course = "date '2026-01-01' + g % 90"
    _side(
        conn, people, 1, "list_register_tumours", "g % 500 not in (11, 12)",
        ("diagnosis", "register", stage, first), ("register_entry", "register", entry + _ORG, entered),
    )  # fmt: skip
    observes = f"{entry}case when g % 500 = 51 then '1.2.3' else {_ORG} end"
    _side(conn, people, 2, "list_observed", "g % 500 not in (41, 42)", ("register_entry", "list", observes, entered))
    _side(
        conn, people, 3, "consultation", "g % 500 not in (61, 62)",
        ("diagnosis", "document", said, "date '2025-09-01' + g % 90"),
        ("visit", "document", "'register', 'oncology'", "date '2026-02-01' + g % 90"),
        ("chemo_cycle", "document", "'regimen', 'x'", course),
    )  # fmt: skip
    paid = f"{course} + case g % 500 when 71 then 40 else 2 end"
    _side(conn, people, 4, "list_claims", "true", ("chemo_cycle", "claim", f"'org', {_ORG}", paid))
    conn.execute("analyze")


def _side(conn: Connection, people: int, n: int, kind: str, there: str, *facts: tuple[str, str, str, str]) -> None:
    values = {"people": people, "n": n, "kind": kind}
    there = there.replace("%", "%%")
    conn.execute(
        f"""insert into raw_document (region_id, sha256, received_at, size, origin, content)
            select 1, decode(lpad(to_hex(g * 10 + %(n)s), 64, '0'), 'hex'), '2026-01-01', 1, 'bench', ''
            from generate_series(1, %(people)s) g where {there}""",
        values,
    )
    conn.execute(
        f"""insert into document (region_id, id, sha256, known_at, status, kind, set_id, doc_date, sender_org, subject_id,
                in_force)
            select 1, g * 10::bigint + %(n)s, decode(lpad(to_hex(g * 10 + %(n)s), 64, '0'), 'hex'), '2026-01-01', 'read',
                   %(kind)s, %(kind)s || g, '2026-01-01', %(kind)s, g, true
            from generate_series(1, %(people)s) g where {there}""",
        values,
    )
    for name, evidence, about, day in facts:
        told = f"jsonb_build_object('icd10', {_CODES.replace('%%', '%')}, {about.replace('%%', '%')})".replace("%", "%%")
        conn.execute(
            f"""insert into fact (region_id, subject_id, document_id, kind, on_date, known_at, evidence, attributes)
                select 1, g, g * 10::bigint + %(n)s, %(fact)s, {day.replace("%", "%%")}, '2026-01-01', %(evidence)s, {told}
                from generate_series(1, %(people)s) g where {there}""",
            values | {"fact": name, "evidence": evidence},
        )
