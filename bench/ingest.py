"""The intake end to end into PostgreSQL, beside lxml parsing the same bytes and doing nothing else; then documents that
come one by one, from the call to committed facts and to committed tasks."""

import tempfile
from contextlib import suppress
from pathlib import Path
from statistics import median
from time import perf_counter

from lxml import etree

from bench import measure
from bench.cases import TODAY
from oncor_cases.actions.deliveries import Delivery
from oncor_cases.actions.ingest import ingest
from oncor_cases.actions.sweep import sweep
from oncor_cases.region.generate import generate
from oncor_cases.store import regions
from oncor_cases.store.session import Database

ALONE = 100  # documents that come one by one afterwards


def run(documents: int, mean_kb: float, workers: int) -> None:
    with tempfile.TemporaryDirectory(prefix="oncor-bench-") as folder:
        out = Path(folder) / "region"
        patients = max(documents // 12, 5)
        generate(out, residents_count=patients * 2, patients_count=patients, seed=7, today=TODAY, mean_kb=mean_kb)
        paths = sorted((out / "documents").iterdir())[:documents]
        paths, later = paths[:-ALONE], paths[-ALONE:]
        total = sum(p.stat().st_size for p in paths)
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
        loaded = [p.read_bytes() for p in paths]
        began = perf_counter()
        for data in loaded:
            with suppress(etree.XMLSyntaxError):  # the region sends a few that are cut short
                etree.fromstring(data, parser)
        bare = perf_counter() - began
        del loaded
        with measure.database() as db, measure.Family() as family:
            with db.owner() as conn:
                regions.ensure(conn, 1, name="bench")
            began = perf_counter()
            counts = ingest(db, (Delivery(p.name, p.read_bytes()) for p in paths), region=1, workers=workers)
            seconds = perf_counter() - began
            began = perf_counter()
            again = ingest(db, (Delivery(p.name, p.read_bytes()) for p in paths), region=1, workers=workers)
            twice = perf_counter() - began
            sweep(db, TODAY)
            read, swept = zip(*(_one(db, path) for path in later), strict=True)
        measure.show(
            "Приём документов",
            [
                ("документов, средний размер КБ", f"{len(paths):,} · {total / len(paths) / 1024:.0f}"),
                ("только разбор XML (lxml, одно ядро), с", f"{bare:.2f}"),
                (f"приём до PostgreSQL ({workers} процесса), с", f"{seconds:.2f}"),
                ("во сколько раз дольше", f"{seconds / bare:.1f}"),
                ("документов в секунду", f"{len(paths) / seconds:,.0f}"),
                ("фактов", f"{counts['facts']:,}"),
                ("те же байты второй раз, с (новых)", f"{twice:.2f} ({again['new']})"),
                ("один новый документ → факты (медиана, худший), мс", f"{median(read):.0f} · {max(read):.0f}"),
                ("один новый документ → задачи (медиана, худший), мс", f"{median(swept):.0f} · {max(swept):.0f}"),
                ("память процессов, пик, МБ", family.mb),
            ],
            goal="не дольше 3 × lxml при среднем от 40 КБ; документ → задачи до 100 мс",
        )


def _one(db: Database, path: Path) -> tuple[float, float]:
    """Milliseconds from the call to committed facts, and on to the committed tasks of everyone the document changed."""
    data = path.read_bytes()
    began = perf_counter()
    counts = ingest(db, [Delivery(path.name, data)], region=1)
    read = perf_counter() - began
    sweep(db, TODAY)
    assert counts["new"] == 1
    return read * 1000, (perf_counter() - began) * 1000
