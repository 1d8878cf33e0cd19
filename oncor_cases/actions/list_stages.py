"""The steps of a load, and who is told of them: the page, the console, or nobody."""

from typing import Protocol

from oncor_cases.store import lists
from oncor_cases.store.session import Database

STAGES = {
    "recognising": "определение вида и столбцов",
    "reading": "чтение строк",
    "judging": "проверка значений",
    "matching": "сопоставление с жителями",
    "writing": "запись жителей",
    "indexing": "построение индексов",
    "waiting": "ожидание: идёт приём документов",
    "joining": "сверка с известными людьми",
    "rejecting": "запись отклонённых строк",
    "settling": "сравнение с прежними списками и запись",
}


class Progress(Protocol):
    """Who waits for a load."""

    def __call__(self, rows: int) -> None:
        """So many rows are read."""

    def stage(self, name: str, done: int = 0, of: int = 0) -> None:
        """A step (of STAGES) has begun, or has come so far."""


class Silent:
    """Nobody waits."""

    def __call__(self, rows: int) -> None:
        """Nothing."""

    def stage(self, name: str, done: int = 0, of: int = 0) -> None:
        """Nothing."""


class Telling:
    """Written into the load, for the page, and passed on to whoever waits at the console.

    Each word is a transaction of its own: what the load itself writes is seen by nobody before its end. So the load must
    not have changed its own row before its last step, or the word would wait for it for ever."""

    def __init__(self, db: Database, region: int, load: int, progress: Progress | None = None) -> None:
        self.db, self.region, self.load, self.progress = db, region, load, progress or Silent()

    def __call__(self, rows: int) -> None:
        with self.db.batch() as conn:
            lists.change(conn, self.region, self.load, progress=rows)
        self.progress(rows)

    def stage(self, name: str, done: int = 0, of: int = 0) -> None:
        with self.db.batch() as conn:
            lists.tell_stage(conn, self.region, self.load, name, done, of)
        self.progress.stage(name, done, of)
