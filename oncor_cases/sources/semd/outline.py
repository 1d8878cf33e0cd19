"""A document for people: header and narrative as plain data, never as the sender's own markup."""

from lxml import etree

from oncor_cases.sources.semd.dates import moment
from oncor_cases.sources.semd.elements import children, local
from oncor_cases.sources.semd.header import read_header
from oncor_cases.sources.semd.safety import Unreadable, open_document
from oncor_cases.sources.semd.systems import system

Row = tuple[str, ...]
Outline = list[tuple[str, list[Row]]]
LONGEST = 20_000  # characters of one cell shown

_SEX = {"male": "мужской", "female": "женский"}


def outline(data: bytes) -> Outline:
    """Sections in order: (title, rows). A row is a tuple of cells, a paragraph is a row of one cell.

    Never raises: an unreadable document gives one section with the reason."""
    try:
        root, problems = open_document(data)
        if local(root) != "ClinicalDocument":
            raise Unreadable("Это XML, но не медицинский документ")
        head = read_header(root, problems)
    except Unreadable as error:
        return [("Документ не читается", [(error.message,)])]
    except Exception as error:
        return [("Документ не читается", [(f"Внутренняя ошибка разбора ({type(error).__name__})",)])]
    who = head.patient
    name = " ".join(part for part in (who.family, who.given, who.patronymic) if part)
    rows: list[Row] = [
        ("Документ", head.title),
        ("Дата", _day(head.written.on or "")),
        ("Версия", str(head.version)),
        ("Пациент", name),
        ("Дата рождения", _day(who.birth_date)),
        ("Пол", _SEX.get(who.sex, "")),
        ("СНИЛС", _snils(who.snils)),
        ("Полис", who.enp),
        ("Автор", head.author_post_label),
        ("Организация", _organisation_name(root) or head.organisation),
    ]
    shown: Outline = [("Сведения о документе", [row for row in rows if row[1]])]
    try:
        if head.body is not None:
            _sections(head.body, shown, 0)
    except Exception as error:
        shown.append(("Текст документа не показан", [(f"Внутренняя ошибка ({type(error).__name__})",)]))
    return shown


def _day(iso: str) -> str:
    return ".".join(reversed(iso.split("-")))


def _snils(digits: str) -> str:
    return f"{digits[:3]}-{digits[3:6]}-{digits[6:9]} {digits[9:]}" if len(digits) == 11 else ""


def _organisation_name(root: etree._Element) -> str:
    for custodian in children(root, "custodian"):
        for part in custodian.iter():
            if isinstance(part.tag, str) and local(part) == "name":
                return _text(part)
    return ""


def _sections(element: etree._Element, shown: Outline, depth: int) -> None:
    if depth > 40:
        return
    for component in children(element, "component"):
        for section in children(component, "section"):
            title = next((_text(t) for t in children(section, "title")), "") or "Без названия"
            rows = [row for text in children(section, "text") for row in _rows(text)] or _statements(section)
            if rows or not any(True for _ in children(section, "component")):
                shown.append((title, rows))
            _sections(section, shown, depth + 1)


_STATEMENTS = ("observation", "act", "procedure", "encounter", "organizer")


def _statements(section: etree._Element) -> list[Row]:
    """Coded statements as rows, for sections whose author left the narrative empty."""
    rows: list[Row] = []
    for entry in children(section, "entry"):
        for part in entry.iter():
            if isinstance(part.tag, str) and local(part) in _STATEMENTS:
                code = next(children(part, "code"), None)
                name = (code.get("displayName") or code.get("code") or "") if code is not None else ""
                values = [_value(v) for v in children(part, "value")]
                told = "; ".join(v for v in values if v)
                when = next((moment(t.get("value")).on for t in children(part, "effectiveTime")), None)
                if name and (told or when):
                    rows.append(tuple(cell for cell in (name, told, _day(when or "")) if cell))
    return rows


_TELLING = ("icd10", "morphology", "topography", "service")  # dictionaries whose codes people read too


def _value(value: etree._Element) -> str:
    """A value as a doctor would write it: `I42.0 Дилатационная кардиомиопатия`, `40 mSv`, a text."""
    code, words = value.get("code") or "", value.get("displayName") or ""
    if words:
        return f"{code} {words}" if system(value.get("codeSystem")) in _TELLING else words
    return " ".join(part for part in (value.get("value") or code, value.get("unit")) if part) or _text(value)


def _rows(text: etree._Element) -> list[Row]:
    """Table rows as tuples of cells, everything between them as paragraphs."""
    rows: list[Row] = []
    loose: list[str] = [text.text or ""]

    def flush() -> None:
        paragraph = " ".join("".join(loose).split())
        if paragraph:
            rows.append((paragraph[:LONGEST],))
        loose.clear()

    for part in text:
        name = local(part) if isinstance(part.tag, str) else ""
        if name == "table":
            flush()
            rows += _table(part)
        elif name in ("paragraph", "list", "item", "caption", "br"):
            flush()
            if name == "list":
                rows += [(_text(item),) for item in children(part, "item") if _text(item)]
            elif _text(part):
                rows.append((_text(part),))
        elif isinstance(part.tag, str):
            loose.append(_text(part))
        loose.append(part.tail or "")
    flush()
    return rows


def _table(table: etree._Element) -> list[Row]:
    rows: list[Row] = []
    for row in table.iter():
        if isinstance(row.tag, str) and local(row) == "tr":
            cells = tuple(_text(cell) for cell in children(row, "th", "td"))
            if any(cells):
                rows.append(cells)
        elif isinstance(row.tag, str) and local(row) == "caption" and _text(row):
            rows.append((_text(row),))
    return rows


def _text(element: etree._Element) -> str:
    return " ".join(" ".join(element.itertext()).split())[:LONGEST]
