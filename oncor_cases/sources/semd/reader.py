"""Bytes of a SEMD or VIMIS document to a reading. Never raises: whatever the bytes, the answer is a reading."""

from collections.abc import Callable

from oncor_cases.sources.reading import DocumentHead, DocumentKind, Problem, Reading
from oncor_cases.sources.semd.elements import local
from oncor_cases.sources.semd.header import Header, read_header
from oncor_cases.sources.semd.identify import identify
from oncor_cases.sources.semd.kinds import (
    ambulatory,
    consilium,
    consultation,
    death,
    hospital,
    instrumental,
    notice,
    observation,
    operation,
    pathology,
    referral,
    vmp,
)  # fmt: skip
from oncor_cases.sources.semd.safety import Unreadable, open_document
from oncor_cases.sources.semd.sheet import Sheet
from oncor_cases.sources.semd.walker import Body

READERS: dict[str, Callable[[Sheet], None]] = {
    "referral": referral.read,
    "consultation": consultation.read,
    "ambulatory": ambulatory.read,
    "instrumental": instrumental.read,
    "laboratory": instrumental.read_laboratory,
    "pathology": pathology.read,
    "consilium": consilium.read,
    "notice": notice.read_notice,
    "late_stage": notice.read_late_stage,
    "hospital": hospital.read,
    "operation": operation.read,
    "vmp": vmp.read,
    "observation": observation.read,
    "certificate": observation.read_certificate,
    "death": death.read,
}


def read(data: bytes) -> Reading:
    """The reading of one document: `read`, `unknown_kind` (header kept) or `unreadable` with a Russian reason."""
    try:
        return _read(data)
    except Unreadable as error:
        return Reading("", "unreadable", problems=(Problem(error.code, error.message),))
    except Exception as error:  # a fault of ours must not stop an intake; its kind is told, never its text
        words = f"Внутренняя ошибка разбора ({type(error).__name__}): документ отложен, сообщите разработчикам"
        return Reading("", "unreadable", problems=(Problem("internal", words),))


def _read(data: bytes) -> Reading:
    root, problems = open_document(data)
    if local(root) != "ClinicalDocument":
        raise Unreadable("Это XML, но не медицинский документ (ожидался ClinicalDocument)", code="not_a_document")
    head = read_header(root, problems)
    kind = identify(head.templates, head.codes)
    if not kind.reader:
        problems.append(Problem("unknown_kind", "Вид документа не читается: сохранён только заголовок", "code"))
        return _reading("unknown_kind", kind.kind, head, [], problems)
    if kind.doubtful:
        problems.append(
            Problem("template_of_another_kind", "Код и шаблон документа называют разные виды: взят код", "templateId")
        )
    if head.body is None:
        problems.append(Problem("body_missing", "В документе нет структурированной части", "component"))
    body = Body(head.body)
    try:
        if body.too_deep:
            raise Unreadable("Слишком глубокая вложенность элементов", code="too_deep")
        sheet = Sheet(head, body, kind, problems)
        if head.body is not None:
            READERS[kind.reader](sheet)
    finally:
        body.release()
    return _reading("read", kind.kind, head, sheet.facts, problems)


def _reading(status: str, kind: DocumentKind, head: Header, facts: list, problems: list[Problem]) -> Reading:
    written = head.written.on or ""
    document = DocumentHead(head.set_id, head.version, written, head.id, head.title)
    return Reading("", status, kind, document, head.patient, head.organisation, tuple(facts), tuple(problems))
