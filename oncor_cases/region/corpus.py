"""Documents by the thousand for benchmarks: real-shaped, of a wanted mean size, always the same for a seed."""

from collections.abc import Iterator
from datetime import date
from itertools import count

from oncor_cases.region.generate import homes
from oncor_cases.region.patients import patients
from oncor_cases.region.people import residents
from oncor_cases.region.writing import written
from oncor_cases.sources.seeds import default_calendar

CORPUS_DAY = date(2026, 6, 1)  # benchmarks compare runs of different days, so theirs does not move
BATCH = 400  # patients made at a time, so that memory stays flat


def documents(seed: int, n: int, mean_kb: float = 42) -> Iterator[bytes]:
    """`n` documents with a mean of about `mean_kb` kilobytes."""
    made = 0
    for batch in count():
        people = list(residents(seed * 1000 + batch, BATCH * 12, CORPUS_DAY, homes()))
        for patient in patients(seed * 1000 + batch, BATCH, CORPUS_DAY, people, default_calendar()):
            for paper, text in written(patient, seed * 1000 + batch, round(mean_kb * 1024)):
                if paper.spoiled:
                    continue  # a corpus measures reading, not complaining
                yield text
                made += 1
                if made == n:
                    return
