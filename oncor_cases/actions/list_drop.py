"""Lists in the drop folder: what is a table, a claim or records goes to the lists, everything else stays for documents.

A table nobody recognises waits on the mapping screen; nothing is skipped in silence. Folders above a list may say its kind,
sender and day (sources/lists/senders.py): `Канцер-регистр другого региона Пермский край/register_tumours/2026-10/x.csv`."""

import zipfile
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from oncor_cases.actions import lists
from oncor_cases.actions.list_keeping import packed_files
from oncor_cases.actions.list_reading import day_of_name
from oncor_cases.actions.list_stages import Progress
from oncor_cases.actions.lists import Outcome
from oncor_cases.sources.lists import KINDS, NotATable, claims, senders
from oncor_cases.sources.lists.tables import form_of, open_table
from oncor_cases.store.session import Database

AUTHOR = "папка приёма"
TABLES = (".csv", ".txt", ".tsv", ".xlsx", ".xls", ".ods", ".dbf", ".json", ".jsonl")

LEFT_ALONE = ("deliveries.csv",)


def take_lists(db: Database, folder: Path, region: int, received_at: datetime | None = None) -> int:
    """Stores every list of the folder and takes it out; returns how many. Reading comes after.

    Claims go with the persons that lie beside them; either alone finds the other later (actions/list_pairs.py)."""
    taken = 0
    lists_of = {path.name.upper(): path for path in _files(folder) if claims.PERSONS.match(path.name)}
    for path in sorted(_files(folder), key=lambda one: bool(claims.PERSONS.match(one.name))):
        if not path.is_file() or not is_list(path):
            continue
        named = claims.persons_of(path.name.upper()) if claims.MAIN.match(path.name) else ()
        persons = next((lists_of[name] for name in named if name in lists_of), None)
        mark = path.stat().st_size, path.stat().st_mtime_ns
        within = path.relative_to(folder)
        told = {"region": region, "author": AUTHOR, "received_at": received_at} | _told(within)
        if persons is not None:
            with packed_files(path, persons) as both:
                lists.receive(db, both, within.with_suffix(".zip").as_posix(), **told)
        else:
            lists.receive(db, path, within.as_posix(), **told)
        taken += 1
        if (path.stat().st_size, path.stat().st_mtime_ns) == mark:  # not what somebody wrote there meanwhile
            path.unlink()
            if persons is not None:
                persons.unlink()
    return taken


def take(
    db: Database,
    path: Path,
    *,
    region: int,
    author: str,
    progress: Progress | None = None,
    confirmed: bool = False,
    **told: Any,
) -> Outcome:
    """One list, stored and loaded; claims that lie beside their file of persons (`L` before the name) go with it."""
    named = claims.persons_of(path.name) if claims.MAIN.match(path.name) else ()
    persons = next((found for name in named if (found := path.with_name(name)).is_file()), None)
    if persons is not None:
        name = path.with_suffix(".zip").name
        with packed_files(path, persons) as both:
            number = lists.receive(db, both, name, region=region, author=author, **told)
    else:
        number = lists.receive(db, path, path.name, region=region, author=author, **told)
    return lists.load(db, number, region=region, progress=progress, confirmed=confirmed)


def beside_its_claims(path: Path, files: Sequence[Path]) -> bool:
    """True for a file of persons whose claims are among the files: it is taken with them."""
    if not claims.PERSONS.match(path.name):
        return False
    return any(path.with_name(name) == path for one in files for name in claims.persons_of(one.name) if one != path)


def is_list(path: Path) -> bool:
    """A table by its name and its first bytes, alone or the only one of an archive; claims by their root, their persons
    by the name."""
    with path.open("rb") as file:
        start = file.read(4096)
        form = form_of(start)
        if form == "xml":
            known = claims.is_claims(path.name, start) or claims.PERSONS.match(path.name)
            return bool(known) or (not _medical(start) and _table(file))
        if form == "zip":
            return _claims_inside(path) or _table_inside(path) or (path.suffix.lower() in TABLES and _table(file))
        return path.suffix.lower() in TABLES and path.name not in LEFT_ALONE


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.is_file() and not hidden and path.suffix.lower() not in (".part", ".tmp", ".crdownload", ".md"):
            yield path


def _told(within: Path) -> dict[str, Any]:
    """What the folders say of a list; the day in its own name is nearer."""
    said = senders.of_folders(within.parts[:-1], KINDS)
    day = None if day_of_name(within.name) else day_of_name(said.day) if said.day else None
    return {"kind": said.kind, "sender": said.sender, "as_of": day}


def _medical(start: bytes) -> bool:
    return b"ClinicalDocument" in start or b"urn:hl7-org:v3" in start or b"PERS_LIST" in start


def _claims_inside(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return any(claims.MAIN.match(name.rsplit("/", 1)[-1]) for name in archive.namelist())
    except zipfile.BadZipFile:
        return False


def _table_inside(path: Path) -> bool:
    """One table packed to be shorter, as large lists come; an archive of many files is one of documents."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = [info.filename for info in archive.infolist() if not info.is_dir()]
            return len(names) == 1 and Path(names[0]).suffix.lower() in TABLES
    except zipfile.BadZipFile:
        return False


def _table(file) -> bool:  # type: ignore[no-untyped-def]
    """An XML whose rows repeat at least twice, or a workbook."""
    file.seek(0)
    try:
        table = open_table(file)
        return table.form == "xlsx" or sum(1 for _, _ in zip(range(3), table.rows, strict=False)) == 3
    except NotATable:
        return False
