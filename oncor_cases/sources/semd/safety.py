"""From bytes of a stranger to an XML tree, or a Russian reason why not. No DTD, entities, network or silent repair."""

import base64
import binascii
import re
from functools import cache

from lxml import etree

from oncor_cases.kernel.errors import OncorError
from oncor_cases.sources.reading import Problem

BYTE_LIMIT = 32 * 1024 * 1024  # the largest public document has 0.9 MB; one with an embedded scan some 10 MB
DEPTH_LIMIT = 128  # the deepest public document has 38 levels

_DECLARED = re.compile(rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_FIRST_ELEMENT = re.compile(rb"<[A-Za-z_:\x80-\xff]")
_BASE64 = re.compile(rb"[A-Za-z0-9+/=\s]+")
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe\x00\x00", "utf-32"), (b"\x00\x00\xfe\xff", "utf-32"),
         (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))  # fmt: skip


class Unreadable(OncorError):
    """The bytes are no document we can open; `message` says why in Russian and holds nothing of the content."""

    code = "unreadable"


@cache  # building a parser costs as much as parsing 5 KB; lxml locks a shared one by itself
def _parser(encoding: str | None) -> etree.XMLParser:
    # comments and processing instructions carry no facts and cost a third of the walk
    return etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False,
        remove_comments=True, remove_pis=True, collect_ids=False, encoding=encoding,
    )  # fmt: skip


def open_document(data: bytes) -> tuple[etree._Element, list[Problem]]:
    """The root element and what had to be guessed on the way. Raises Unreadable, nothing else."""
    problems: list[Problem] = []
    if len(data) > BYTE_LIMIT:
        raise Unreadable(f"Файл больше {BYTE_LIMIT // 1024 // 1024} МБ", code="too_large")
    body, encoding = _unwrapped(data, problems)
    if not body:
        raise Unreadable("Файл пуст", code="empty")
    start = _FIRST_ELEMENT.search(body)
    if body.find(b"<!DOCTYPE", 0, start.start() if start else len(body)) >= 0:
        raise Unreadable("В документе есть объявление DTD или сущностей: такие файлы не открываются", code="dtd_forbidden")
    root = _parsed(body, encoding or _declared(body, problems), problems)
    if root is None:
        raise Unreadable("Содержимое не является документом XML", code="not_xml")
    info = root.getroottree().docinfo
    if info.doctype or info.internalDTD is not None:  # the second look: comments and other encodings hide it from the first
        raise Unreadable("В документе есть объявление DTD или сущностей: такие файлы не открываются", code="dtd_forbidden")
    return root, problems


def _unwrapped(body: bytes, problems: list[Problem]) -> tuple[bytes, str | None]:
    """Without byte order mark and base64 wrapping, and the encoding the mark told; UTF-16 and UTF-32 become UTF-8."""
    for _ in range(3):
        for mark, encoding in _BOMS:
            if body.startswith(mark):
                if encoding == "utf-8":
                    return body[3:].lstrip(), "utf-8"
                try:
                    text = body.decode(encoding)
                except UnicodeDecodeError:
                    raise Unreadable("Кодировка файла не распознана", code="encoding") from None
                return re.sub(r"^\s*<\?xml[^>]*\?>", "", text).encode(), "utf-8"
        if body[:1] != b"<":
            body = body.strip(b"\x00 \t\r\n\x0b\x0c")
        if body[:1] == b"<" or len(body) < 16 or not _BASE64.fullmatch(body[:64]) or not _BASE64.fullmatch(body):
            return body, None
        try:
            body = base64.b64decode(b"".join(body.split()), validate=True).strip()
        except (binascii.Error, ValueError):
            raise Unreadable("Содержимое похоже на base64, но не раскодируется", code="base64") from None
        problems.append(Problem("base64_unwrapped", "Документ был завёрнут в base64"))
    raise Unreadable("Содержимое завёрнуто в base64 больше двух раз", code="base64")


def _parsed(body: bytes, encoding: str | None, problems: list[Problem]) -> etree._Element:
    try:
        return etree.fromstring(body, _parser(encoding))
    except etree.XMLSyntaxError as error:
        if encoding is None and _is_not_utf8(body) and _looks_russian(body, "cp1251"):
            problems.append(Problem("encoding_guessed", "Кодировка указана неверно: прочитано как windows-1251"))
            return _parsed(body, "windows-1251", problems)
        code, words = _match(error)
        line, column = error.position or (0, 0)
        raise Unreadable(words + (f" (строка {line}, позиция {column})" if line else ""), code=code) from None
    except (ValueError, LookupError, MemoryError, RecursionError):
        raise Unreadable("Содержимое не является документом XML", code="not_xml") from None


def _declared(body: bytes, problems: list[Problem]) -> str | None:
    """The encoding to force on the parser, None to believe the declaration: UTF-8 declared otherwise is told apart."""
    match = _DECLARED.match(body[:200])
    if match is None or match[1].lower() in (b"utf-8", b"utf8") or body.isascii() or _is_not_utf8(body):
        return None
    problems.append(Problem("encoding_guessed", "Кодировка указана неверно: прочитано как UTF-8"))
    return "utf-8"


def _is_not_utf8(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return True
    return False


def _looks_russian(body: bytes, encoding: str) -> bool:
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError:
        return False
    letters = [c for c in text if ord(c) > 127]
    return bool(letters) and sum("а" <= c <= "я" or "А" <= c <= "Я" or c in "ёЁ№«»–—" for c in letters) > 0.9 * len(letters)


# What the parser says, told in Russian; its own words may quote the document, so they are never passed on.
_WORDS = (
    ("depth", "too_deep", "Слишком глубокая вложенность элементов"),
    ("mismatch", "not_well_formed", "Файл XML повреждён: открывающий и закрывающий теги не совпадают"),
    ("Premature end", "truncated", "Файл XML обрывается: документ передан не полностью"),
    ("EndTag", "truncated", "Файл XML обрывается: документ передан не полностью"),
    ("not proper UTF-8", "encoding", "Кодировка файла не соответствует объявленной"),
    ("encoding", "encoding", "Кодировка файла не соответствует объявленной"),
    ("Namespace prefix", "not_well_formed", "Файл XML повреждён: использован необъявленный префикс пространства имён"),
    ("redefined", "not_well_formed", "Файл XML повреждён: атрибут указан дважды"),
    ("Entity", "not_well_formed", "Файл XML повреждён: использована неизвестная сущность"),
    ("huge", "too_large", "Слишком большой текст внутри документа"),
    ("too long", "too_large", "Слишком большой текст внутри документа"),
    ("Start tag expected", "not_xml", "Содержимое не является документом XML"),
    ("Document is empty", "not_xml", "Содержимое не является документом XML"),
)  # fmt: skip


def _match(error: etree.XMLSyntaxError) -> tuple[str, str]:
    text = error.msg or ""
    return next(((code, words) for sign, code, words in _WORDS if sign in text), ("not_well_formed", "Файл XML повреждён"))
