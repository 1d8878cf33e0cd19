"""A row of a list as a document: canonical bytes out, a reading back in.

The bytes are JSON with the row's values, its key, the day of its list and a version made of that day, so that the
existing pipeline of documents (versions, withdrawal, provenance, quarantine) works on rows of lists unchanged."""

import json
from hashlib import sha256

from oncor_cases.kernel.errors import NotFound
from oncor_cases.sources.lists.claims import CLAIMS
from oncor_cases.sources.lists.kinds import TABLES
from oncor_cases.sources.lists.oncor import RECORDS
from oncor_cases.sources.lists.schema import PERSON, Kind, Values, content_hash, identity, packed
from oncor_cases.sources.reading import DocumentHead, DocumentKind, Problem, Reading

MARK = b'{"list":'
KINDS: dict[str, Kind] = {kind.name: kind for kind in (*TABLES, CLAIMS, RECORDS)}
_WHO = (*(column.name for column in PERSON), "local_id")


def kind_of(name: str) -> Kind:
    """The kind of that name. Raises NotFound."""
    if name not in KINDS:
        raise NotFound(f"Вида списка «{name}» нет; есть: {', '.join(KINDS)}")
    return KINDS[name]


def set_id(kind: str, part: str, key: bytes) -> str:
    """The series of one row: told by kind and key, never by the person's numbers."""
    return f"list|{kind}|{part}|{key.hex()}"


def document(kind: str, sender: str, series: str, as_of: str, version: int, content: str, *, gone: bool = False) -> bytes:
    """Canonical bytes of a row's version; `gone`: the row stands in the list no more, only its person is named."""
    values = json.loads(content)
    if gone:
        values = {name: values[name] for name in _WHO if name in values}
    told = {
        "list": kind,
        "sender": sender,
        "set": series,
        "as_of": as_of,
        "version": version,
        "gone": gone,
        "values": values,
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def is_record(data: bytes) -> bool:
    """True for bytes made by `document`."""
    return data.startswith(MARK)


def read(data: bytes) -> Reading:
    """The reading of a row; its facts are those of its kind."""
    mark = sha256(data).hexdigest()
    try:
        told = json.loads(data)
        kind = KINDS[told["list"]]
        values: Values = told["values"]
        facts = () if told["gone"] else tuple(kind.facts(values))
    except (ValueError, KeyError, TypeError):
        return Reading(mark, "unreadable", problems=(Problem("bad_record", "Запись списка не читается"),))
    said = "" if told["gone"] else content_hash(packed(values)).hex()  # told by store/listed.py from one version to the next
    title = f"{kind.title} на {_russian(told['as_of'])}"
    return Reading(
        mark, "read", DocumentKind(f"list_{kind.name}"),
        DocumentHead(
            told["set"], told["version"], told["as_of"], said, f"{title}: строки больше нет" if told["gone"] else title
        ),
        identity(values, told["sender"]), told["sender"], facts,
    )  # fmt: skip


def outline(data: bytes) -> list[tuple[str, list[tuple[str, ...]]]]:
    """The row for people: titles of its columns and values."""
    told = json.loads(data)
    kind = KINDS[told["list"]]
    titles = {column.name: column.title for column in kind.columns} | {"role": "Которое имя", "plan_year": "Год плана"}
    rows: list[tuple[str, ...]] = [("Список", kind.title), ("На дату", _russian(told["as_of"]))]
    if told["gone"]:
        return [("Строки в списке больше нет", [*rows, ("Что это значит", "В следующем списке этой строки не оказалось")])]
    hidden = ("local_id",) if "local_id" not in titles else ()
    order = list(titles)
    shown = sorted(told["values"], key=lambda name: (order.index(name) if name in titles else len(order), name))
    rows += [(titles.get(name, name), _shown(told["values"][name])) for name in shown if name not in hidden]
    return [("Строка списка", rows)]


def _shown(value: object) -> str:
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    text = str(value)
    return {"male": "мужской", "female": "женский"}.get(text) or (_russian(text) if _is_day(text) else text)


def _is_day(text: str) -> bool:
    return len(text) == 10 and text[4] == text[7] == "-" and text[:4].isdigit()


def _russian(day: str) -> str:
    return f"{day[8:10]}.{day[5:7]}.{day[:4]}"
