"""Statistics over a whole region: every cut as the `web` role, and the board of a past day from the history."""

from datetime import timedelta
from statistics import median
from time import perf_counter

from bench import measure
from bench.cases import CLINICS, TODAY
from bench.sweep import fill
from oncor_cases.actions.statistics import Question, ask, people
from oncor_cases.actions.sweep import sweep
from oncor_cases.store import board, regions
from oncor_cases.store.session import Scope
from oncor_cases.store.then import shown

TIMES = 7
WIDE, HEAD = Scope(1, "bench", "coordinator"), Scope(1, "bench", "head", (CLINICS[0],))


def run(cases: int, workers: int) -> None:
    with measure.database() as db:
        with db.owner() as conn:
            regions.ensure(conn, 1, name="bench", demo=True)
            fill(conn, cases)
        began = perf_counter()
        sweep(db, TODAY, workers=workers)
        swept = perf_counter() - began
        with db.owner() as conn:
            conn.execute("analyze")
            size = conn.execute(
                "select pg_total_relation_size('case_route') / greatest(count(*), 1) from case_route"
            ).fetchone()
        rows: list[tuple[str, object]] = [
            ("случаев, первый разбор, с", f"{cases:,} · {swept:.1f}"), ("строка статистики с индексами, байт", size[0]),
        ]  # fmt: skip
        for by in ("clinic", "month", "site"):
            question = Question(TODAY - timedelta(days=400), TODAY, TODAY, by=by)
            rows.append((f"регион, всё по {by}, мс", _time(lambda q=question: ask(db, WIDE, q))))
        question = Question(TODAY - timedelta(days=400), TODAY, TODAY)
        rows.append(("клиника, всё, мс", _time(lambda: ask(db, HEAD, question))))
        rows.append(("люди за числом, мс", _time(lambda: people(db, WIDE, question, "interval:referral_consultation"))))

        def board_then() -> None:
            with db.web(HEAD) as conn:
                board.by_rule(conn, HEAD, TODAY, source=shown(TODAY))

        rows.append(("доска клиники за прошлый день, мс", _time(board_then)))
        measure.show("Статистика (медиана · худший из 7)", rows, goal="страница до 1 с при 130 000 случаев")


def _time(work) -> str:  # type: ignore[no-untyped-def]
    took = []
    for _ in range(TIMES):
        began = perf_counter()
        work()
        took.append((perf_counter() - began) * 1000)
    return f"{median(took):.0f} · {max(took):.0f}"
