"""An invented clinic with patients, put straight into the tables: pages are tested apart from intake and sweep."""

import json
import uuid
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from argon2 import PasswordHasher

TODAY = date(2026, 3, 10)  # a Tuesday after the holiday of 8 March, moved to Monday the 9th
CLINIC, OTHER = "1.2.643.5.1.13.13.12.2.99.1", "1.2.643.5.1.13.13.12.2.99.2"
PASSWORD = "tihaya-gavan-42"
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
USERS = {
    "navigator": ("navigator", "Белова Анна", [CLINIC]),
    "head": ("head", "Громов Пётр", [CLINIC]),
    "registrar": ("registrar", "Лукина Вера", [CLINIC]),
    "stranger": ("navigator", "Чужакова Инна", [OTHER]),
    "coordinator": ("coordinator", "Орлов Денис", []),
    "methodologist": ("methodologist", "Ким Ольга", []),
    "methodologist2": ("methodologist", "Исаева Нина", []),
    "admin": ("admin", "Смирнов Олег", []),
}


@dataclass
class Clinic:
    """What was written: persons by a short name, tasks by (person, rule)."""

    persons: dict[str, int] = field(default_factory=dict)
    public: dict[str, uuid.UUID] = field(default_factory=dict)
    tasks: dict[tuple[str, str], uuid.UUID] = field(default_factory=dict)
    documents: dict[str, str] = field(default_factory=dict)


def found(conn: Any) -> Clinic:
    """Clinics and accounts."""
    for oid, name, short in (
        (CLINIC, "ГБУЗ «Поликлиника № 1»", "Поликлиника № 1"),
        (OTHER, "ГБУЗ «Поликлиника № 2»", "Поликлиника № 2"),
    ):
        conn.execute(
            "insert into organisation (region_id, oid, name, short_name, sort_key) values (1, %s, %s, %s, lower(%s))",
            (oid, name, short, short),
        )
    for login, (role, name, orgs) in USERS.items():
        conn.execute(
            "insert into user_account (region_id, login, name, password_hash, role, orgs) values (1, %s, %s, %s, %s, %s)",
            (login, name, QUICK.hash(PASSWORD), role, orgs),
        )
    return Clinic()


def person(
    conn: Any, clinic: Clinic, short: str, name: str, *, org: str = CLINIC, born: date = date(1961, 4, 12),
    sex: str = "female", snils: str = "11223344595", phones: list[str] | None = None, provisional: bool = False,
) -> int:  # fmt: skip
    """A patient attached to a clinic, visible to it."""
    family, given, patronymic = (*name.split(" "), "", "")[:3]
    key = name.lower().replace("ё", "е")
    row = conn.execute(
        "insert into person (region_id, family, given, patronymic, birth_date, sex, snils, enp, address, phones,"
        " attached_org, provisional, sort_key, search_key) values (1, %s, %s, %s, %s, %s, %s, '', %s, %s, %s, %s, %s, %s)"
        " returning id, public_id",
        (family, given, patronymic, born, sex, snils, "г. Светлый, ул. Речная, д. 4, кв. 17",
         ["89123456789"] if phones is None else phones, org, provisional, key, key),
    ).fetchone()  # fmt: skip
    conn.execute(
        "insert into person_scope (region_id, person_id, org, reason) values (1, %s, %s, 'attached')", (row.id, org)
    )
    conn.execute(
        "insert into person_change (region_id, person_id, generation, swept_generation) values (1, %s, 1, 1)", (row.id,)
    )
    clinic.persons[short], clinic.public[short] = row.id, row.public_id
    return int(row.id)


def task(conn: Any, clinic: Clinic, short: str, rule: str, due: date, *, level: str = "navigator", org: str = CLINIC,
         state: str = "open", waiting: date | None = None, assignee: str = "", icd10: str = "C50.9", norm: str = "verified",
         danger: int = 1, closed: str = "", start: date | None = None, kind: str = "suspicion") -> None:  # fmt: skip
    """An open (or closed) task with its explanation."""
    start = start or due - timedelta(days=4)
    why = {
        "rule": rule, "duty": "Консультация онколога при подозрении на ЗНО",
        "start": {"fact": "1", "kind": kind, "on": start.isoformat()},
        "limit": 3, "unit": "working_days", "due": due.isoformat(), "skipped": [], "stops": "консультация онколога",
    }  # fmt: skip
    row = conn.execute(
        "insert into task (region_id, person_id, pathway, episode, rule, subject, icd10, due, level, state, waiting_until,"
        " owner_org, assignee, danger, opened_on, closed_on, closed_at, closed_by, closed_reason, because, norm)"
        " values (1, %s, 'diagnosis', 'e1', %s, '', %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
        " returning id, public_id",
        (clinic.persons[short], rule, icd10, due, level, "closed" if closed else state, waiting, org, assignee, danger,
         due + timedelta(days=1), TODAY if closed else None, TODAY if closed else None, "sweep" if closed else "", closed,
         json.dumps(why), norm),
    ).fetchone()  # fmt: skip
    conn.execute(
        "insert into task_event (region_id, task_id, on_day, author, kind, person_id, state, level, due, owner_org, icd10)"
        " values (1, %s, %s, 'sweep', 'opened', %s, 'open', %s, %s, %s, %s)",
        (row.id, due + timedelta(days=1), clinic.persons[short], level, due, org, icd10),
    )
    clinic.tasks[short, rule] = row.public_id


def document(conn: Any, clinic: Clinic, short: str, name: str, content: bytes, *, on: date, kind: str = "referral",
             sender: str = CLINIC, status: str = "read", reason: str = "") -> int:  # fmt: skip
    """Bytes with a document of the patient; returns the subject that the facts hang on."""
    import hashlib
    import zlib

    digest = hashlib.sha256(content).digest()
    conn.execute(
        "insert into raw_document (region_id, sha256, received_at, size, origin, content)"
        " values (1, %s, %s, %s, 'test', %s)",
        (digest, on, len(content), zlib.compress(content)),
    )
    subject = conn.execute(
        "insert into subject (region_id, person_id, source, family, given, birth_date, fingerprint, first_seen_at)"
        " values (1, %s, 'document', 'Иванова', 'Мария', '1961-04-12', %s, %s) returning id",
        (clinic.persons.get(short), digest, on),
    ).fetchone()
    conn.execute(
        "insert into document (region_id, sha256, known_at, status, reason, kind, set_id, doc_date, title, sender_org,"
        " subject_id, in_force) values (1, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (
            digest,
            on,
            status,
            reason,
            kind,
            name,
            on,
            name,
            sender,
            subject.id if status == "read" else None,
            status == "read",
        ),
    )
    clinic.documents[name] = digest.hex()
    return int(subject.id)


def fact(conn: Any, subject: int, kind: str, on: date, attributes: dict[str, Any], document: str = "", **rest: Any) -> int:
    """A fact of a document, or of a person's word when no document is named."""
    row = conn.execute(
        "insert into fact (region_id, subject_id, document_id, kind, on_date, known_at, evidence, attributes, author)"
        " values (1, %s, (select id from document where encode(sha256, 'hex') = %s), %s, %s, %s, %s, %s, %s) returning id",
        (subject, document, kind, on, on, rest.get("evidence", "document"), json.dumps(attributes), rest.get("author", "")),
    ).fetchone()
    return int(row.id)


def view(conn: Any, person: int, state: str, clocks: list[dict[str, Any]], milestones: dict[str, str], **rest: Any) -> None:
    """The cached view of the diagnosis pathway."""
    told = {"opened_on": "2026-02-27", "clocks": clocks, "milestones": milestones, "side": "left"} | rest
    running = [date.fromisoformat(c["due"]) for c in clocks if c["status"] == "running"]
    conn.execute(
        "insert into pathway_view (region_id, person_id, pathway, episode, icd10, state, view, next_due, computed_on)"
        " values (1, %s, 'diagnosis', 'e1', 'C50.9', %s, %s, %s, %s)",
        (person, state, json.dumps(told), min(running, default=None), TODAY),
    )


def clock(rule: str, start: date, due: date, started_by: int | str, status: str = "running", **rest: Any) -> dict[str, Any]:
    """A clock as the cached view keeps it."""
    return {
        "rule": rule, "edition": f"{rule}@2026-01-01", "norm": "verified", "start": start.isoformat(), "status": status,
        "started_by": str(started_by), "due": due.isoformat(), "owner": CLINIC, "term": [3, "working_days", True],
    } | rest  # fmt: skip


def invent(conn: Any, clinic: Clinic) -> None:
    """The patients of the tests: one for each thing that a page must show."""
    ivanova = person(conn, clinic, "ivanova", "Иванова Мария Петровна")
    subject = document(conn, clinic, "ivanova", "Направление к онкологу", REFERRAL, on=date(2026, 2, 27))
    suspicion = fact(
        conn,
        subject,
        "suspicion",
        date(2026, 2, 27),
        {"icd10": "C50.9", "side": "left"},
        clinic.documents["Направление к онкологу"],
    )
    fact(conn, subject, "referral", date(2026, 2, 27), {"to": "oncologist", "icd10": "C50.9"},
         clinic.documents["Направление к онкологу"])  # fmt: skip
    order = fact(
        conn, subject, "study_ordered", date(2026, 3, 4), {"study": "ct"}, clinic.documents["Направление к онкологу"]
    )
    clocks = [
        clock("DX-01", date(2026, 2, 27), date(2026, 3, 4), suspicion),
        clock("DX-02", date(2026, 3, 4), date(2026, 3, 16), order, subject="ct|s1", term=[7, "working_days", True]),
    ]
    view(conn, ivanova, "referred", clocks, {"suspected": "2026-02-27", "referred": "2026-02-27"})
    task(conn, clinic, "ivanova", "DX-01", date(2026, 3, 4), start=date(2026, 2, 27))
    person(conn, clinic, "petrov", "Петров Андрей Ильич", born=date(1954, 11, 2), sex="male", snils="")
    task(conn, clinic, "petrov", "DX-03", date(2026, 2, 20), level="head", icd10="C34.1", kind="pathology_report", danger=0)
    person(conn, clinic, "yozhik", "Ёжикова Алла Юрьевна", phones=[], snils="")
    task(
        conn,
        clinic,
        "yozhik",
        "DX-30",
        date(2026, 3, 6),
        state="waiting",
        waiting=date(2026, 3, 13),
        norm="product",
        icd10="C73",
    )
    person(conn, clinic, "sidorova", "Сидорова Галина Фёдоровна", snils="")
    task(conn, clinic, "sidorova", "DX-08", date(2026, 3, 5), level="reminder", norm="recalled", icd10="C18.7",
         state="taken", assignee="navigator")  # fmt: skip
    task(conn, clinic, "sidorova", "DX-01", date(2026, 2, 12), closed="late", icd10="C18.7")
    person(conn, clinic, "probe", "<script>alert(1)</script> Анна Олеговна", snils="")
    task(conn, clinic, "probe", "DX-31", date(2026, 3, 5), level="coordinator", icd10="D37.6", norm="product")
    person(conn, clinic, "alien", "Чужой Иван Иванович", org=OTHER, sex="male", snils="")
    task(conn, clinic, "alien", "DX-01", date(2026, 3, 5), org=OTHER)


REFERRAL = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<ClinicalDocument xmlns="urn:hl7-org:v3"><title>Направление</title></ClinicalDocument>'
).encode()
