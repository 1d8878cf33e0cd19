"""A source of our own for the intake's tests: a document is a line of JSON, its reader gives the same Reading as SEMD's."""

import json
import os
import signal
from hashlib import sha256

from oncor_cases.sources.reading import DocumentHead, DocumentKind, Identity, Problem, ReadFact, Reading

CLINIC, OTHER = "1.2.643.5.1.13.13.12.2.66.1", "1.2.643.5.1.13.13.12.2.66.2"


def paper(
    set_id="S1", version=1, facts=None, *, org=CLINIC, snils="", enp="", local_id="", born="1960-04-12", sex="female",
    family="Рябова", given="Анна", patronymic="Львовна", note="", status="read", **rest,
):  # fmt: skip
    """Bytes of a document. `facts`: a list of [kind, on, attributes]; `note` makes equal documents differ."""
    return json.dumps(
        {
            "set_id": set_id, "version": version, "org": org, "note": note, "status": status,
            "facts": facts if facts is not None else [["suspicion", "2026-03-02", {"icd10": "C50.9"}]],
            "who": {
                "snils": snils, "enp": enp, "local_id": local_id, "organisation": org, "birth_date": born, "sex": sex,
                "family": family, "given": given, "patronymic": patronymic, **rest,
            },
        },
        ensure_ascii=False,
    ).encode()  # fmt: skip


def read(data: bytes) -> Reading:
    """The reading of such a document; `!boom` breaks the reader, `!die` kills its process."""
    mark = sha256(data).hexdigest()
    if data == b"!boom":
        raise RuntimeError("секрет пациента")
    if data == b"!die":
        os.kill(os.getpid(), signal.SIGKILL)
    try:
        said = json.loads(data)
    except ValueError:
        return Reading(mark, "unreadable", problems=(Problem("not_json", "Это не документ"),))
    return Reading(
        mark, said["status"], DocumentKind("referral" if said["status"] == "read" else "unknown"),
        DocumentHead(said["set_id"], said["version"], "2026-03-02", mark[:8], "Документ"),
        Identity(**said["who"]), said["org"],
        tuple(ReadFact(kind, on, attributes, path=f"/{i}") for i, (kind, on, attributes) in enumerate(said["facts"])),
    )  # fmt: skip
