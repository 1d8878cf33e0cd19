"""Insured lists for tests: rows of few words become a CSV of the columns a fund sends."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

from oncor_cases.actions import lists

KIND = "tfoms_insured"
HEADER = "ENP;SNILS;FAM;IM;OT;DR;W;MO;DATE_ATTACH;SMO"
CLINIC, OTHER = "1.2.643.5.1.13.13.12.2.66.1", "1.2.643.5.1.13.13.12.2.66.2"


def luhn(prefix: str) -> str:
    """A policy with the right check digit from its first fifteen digits."""
    from stdnum import luhn as check

    return prefix + str(check.calc_check_digit(prefix))


def snils(serial: int) -> str:
    """A SNILS with the right check digits from nine of them."""
    digits = f"{serial:09d}"
    check = sum(int(c) * w for c, w in zip(digits, range(9, 0, -1), strict=True)) % 101 % 100
    return digits + f"{check:02d}"


ENPS = [luhn(f"77000000000{n:04d}") for n in range(60)]
NUMBERS = [snils(112_233_400 + n) for n in range(60)]


def row(
    enp="", number="", family="Рябова", given="Анна", patronymic="Львовна", born="1960-04-12", sex="2", org=CLINIC,
    since="2020-02-01", insurer="81001",
) -> str:  # fmt: skip
    """A line of the list."""
    return ";".join((enp, number, family, given, patronymic, born, sex, org, since, insurer))


def write(path: Path, *rows: str, header: str = HEADER, encoding: str = "utf-8", end: str = "\n") -> Path:
    """The list as a file."""
    path.write_bytes((end.join([header, *rows]) + end).encode(encoding))
    return path


def load(db, path: Path, as_of: date, *, received_at=None, confirmed=False, **told):
    """The list through the door of all lists, as it came a day after its date: what became of it, with its counts and
    the reasons of rejects as attributes."""
    at = received_at or datetime(as_of.year, as_of.month, as_of.day, 9, tzinfo=UTC) + timedelta(days=1)
    number = lists.receive(db, path, path.name, region=1, author="test", kind=KIND, as_of=as_of, received_at=at, **told)
    done = lists.load(db, number, region=1, confirmed=confirmed)
    with db.batch() as conn:
        rows = conn.execute("select code, count(*) n from list_reject where load_id = %s group by 1", (done.id,))
        reasons = {row.code: row.n for row in rows}
    return SimpleNamespace(
        load=done.id, state=done.state, error=done.error, again=done.duplicate, reasons=reasons, **done.counts
    )
