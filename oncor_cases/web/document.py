"""A document rendered for reading: our own sections and tables, never the sender's markup; what was read from it."""

import zlib
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import Response

from oncor_cases.kernel.errors import NotFound
from oncor_cases.sources import lists, semd
from oncor_cases.store import papers
from oncor_cases.store.papers import PaperRow
from oncor_cases.web import words
from oncor_cases.web.access import PartsNeeded, Reader, ReaderNeeded, looked
from oncor_cases.web.fact_words import CERTAINTY, describe
from oncor_cases.web.inbox_page import full_name
from oncor_cases.web.pages import Tag, render

routes = APIRouter()
STATUSES = {
    "read": ("прочитан", "fine"), "unknown_kind": ("вид неизвестен, прочитан заголовок", "soon"),
    "quarantined": ("в карантине", "soon"), "withdrawn": ("отозван", "late"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the document: paragraphs are rows of one cell."""

    title: str
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class ReadLine:
    """A fact that was read, with its date."""

    on: str
    title: str
    detail: str
    note: str


@dataclass(frozen=True, slots=True)
class DocumentPage:
    """The document and what the system made of it."""

    title: str
    tag: Tag
    about: tuple[tuple[str, str], ...]
    person: str
    person_href: str
    facts: tuple[ReadLine, ...]
    problems: tuple[str, ...]
    sections: tuple[Section, ...]
    withdraw_href: str
    retry_href: str


@routes.get("/document/{sha256}")
def show(request: Request, found: ReaderNeeded, p: PartsNeeded, sha256: str) -> Response:
    """The page of one document of a patient in scope."""
    digest = digest_of(sha256)
    with p.db.web(found.scope) as conn:
        row = papers.paper(conn, found.scope, digest)
        if row is None:
            raise NotFound("Такого документа нет.")
        content = papers.content(conn, found.scope, digest)
        facts = papers.facts(conn, found.scope, row.id)
        looked(conn, found, "document", row.person_id, sha256)
    lines = tuple(
        ReadLine(
            on=words.day(f.on_date, found.today) if f.on_date else words.partial_day(f.on_text, found.today),
            title=describe(f.kind, f.attributes)[0],
            detail=describe(f.kind, f.attributes)[1],
            note=words.joined([CERTAINTY.get(f.certainty, ""), "" if f.in_force else "не действует"]),
        )
        for f in facts
    )
    return render(request, "document.html", page_of(row, found, lines, sections_of(content)))


def page_of(row: PaperRow, found: Reader, facts: tuple[ReadLine, ...], sections: tuple[Section, ...]) -> DocumentPage:
    """The page from its row."""
    words_of, tone = STATUSES.get(row.status, (row.status, ""))
    if row.status in ("read", "unknown_kind") and not row.in_force:
        words_of, tone = "заменён новой версией", ""
    keeper = found.account.role in papers.KEEPERS
    of_list = row.kind.startswith("list_")
    about = [
        ("Отправитель", row.sender or "не указан"),
        ("Дата документа", words.day(row.doc_date, found.today)),
        ("Получен", words.moment(found.local(row.known_at), found.today)),
        ("Версия", "" if of_list else str(row.version)),  # a row of a list is numbered by the day of its list
        ("Файл списка", row.origin if of_list else ""),
        ("Код документа", row.sha256 if keeper else ""),
        ("Причина карантина", row.reason if row.status == "quarantined" else ""),
        ("Отозван", words.joined([row.withdrawn_reason, row.withdrawn_by]) if row.withdrawn_at else ""),
    ]
    return DocumentPage(
        title=row.title or "Документ",
        tag=Tag(words_of, tone),
        about=tuple((name, text) for name, text in about if text),
        person=full_name(row.family, row.given, row.patronymic) if row.person else "",
        person_href=f"/case/{row.person}" if row.person else "",
        facts=facts,
        problems=tuple(str(problem.get("message", "")) for problem in row.problems),
        sections=sections,
        withdraw_href=f"/withdraw?sha256={row.sha256}"
        if keeper and found.account.role != "admin" and row.status in ("read", "unknown_kind")
        else "",
        retry_href=f"/quarantine/{row.sha256}/retry" if keeper and row.status == "quarantined" else "",
    )


def sections_of(content: bytes | None) -> tuple[Section, ...]:
    """The narrative as plain rows; a document without bytes has none."""
    if content is None:
        return ()
    data = zlib.decompress(content)
    told = lists.outline(data) if lists.is_record(data) else semd.outline(data)
    return tuple(Section(title, tuple(rows)) for title, rows in told)


def digest_of(text: str) -> bytes:
    """32 bytes of a hash as written in an address. Raises NotFound."""
    try:
        digest = bytes.fromhex(text)
    except ValueError as error:
        raise NotFound("Такого документа нет.") from error
    if len(digest) != 32:
        raise NotFound("Такого документа нет.")
    return digest
