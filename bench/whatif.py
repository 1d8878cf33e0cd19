"""What a change of the rules would do to a whole region, beside the sweep that computes it once and writes it."""

from time import perf_counter

from bench import measure
from bench.cases import TODAY
from bench.sweep import fill
from oncor_cases.actions import whatif
from oncor_cases.actions.sweep import sweep
from oncor_cases.store import regions

CHANGES = {
    "срок одного правила диагностики": [{"rule": "DX-03", "editions": [{"limit": 14}]}],
    "общее правило (касается всех)": [{"rule": "LOST-1", "escalation": {"navigator": 0, "head": 1, "coordinator": 5}}],
    "правило химиотерапии": [{"rule": "CH-02", "editions": [{"limit": 14}]}],
}


def run(cases: int, workers: int) -> None:
    with measure.database() as db:
        with db.owner() as conn:
            regions.ensure(conn, 1, name="bench")
            total = fill(conn, cases)
        with db.owner() as conn:
            conn.execute("analyze")
        began = perf_counter()
        sweep(db, TODAY, workers=workers)
        once = perf_counter() - began
        with db.owner() as conn:
            conn.execute("analyze")
        rows = [("случаев, фактов", f"{cases:,} · {total:,}"), ("полный разбор, с", f"{once:.1f}")]
        for what, content in CHANGES.items():
            began = perf_counter()
            with measure.Family() as family:
                done = whatif.compute(db, whatif.ask(db, content, TODAY, author="bench"), workers=workers)
            took = perf_counter() - began
            told = f"{took:.1f} с · {done.done:,} человек · {sum(done.counts.values()):,} задач · пик {family.mb} МБ"
            rows.append((what, told))
        measure.show("Что изменит правка правил", rows, goal="не дольше двух полных разборов; 130 000 человек за 180 с")
