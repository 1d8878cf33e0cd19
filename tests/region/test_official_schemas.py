"""Every rendered kind is valid under the official schema package of its kind, where a package was published.

The packages are not ours and are never copied here: without them beside the project the test says so and is skipped."""

from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest
from lxml import etree

from oncor_cases.sources.semd import read

PACKAGES = Path(__file__).resolve().parents[2].parent / "shared" / "semd" / "official"
WITH_PACKAGE = ["110", "119", "132", "174", "184", "185", "186", "189", "190", "211", "58", "125"]
AT_MOST = 25  # documents of one kind

pytestmark = pytest.mark.skipif(
    not PACKAGES.is_dir(), reason="нет официальных схем рядом с проектом (../shared/semd/official)"
)


@cache
def schema(kind: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(str(PACKAGES / kind / "CDA.xsd")))


@pytest.fixture(scope="module")
def by_kind(made):
    found: dict[str, list[bytes]] = defaultdict(list)
    for path in sorted((made[0] / "documents").iterdir()):
        data = path.read_bytes()
        kind = read(data).kind
        found[kind.remd or ("58" if kind.name == "death_certificate" else kind.name)].append(data)
    return found


@pytest.mark.parametrize("kind", WITH_PACKAGE)
def test_documents_are_valid(by_kind, kind):
    assert by_kind[kind], f"вид {kind} не встретился ни у одного пациента"
    for data in by_kind[kind][:AT_MOST]:
        checked = schema(kind)
        assert checked.validate(etree.fromstring(data)), "; ".join(e.message for e in list(checked.error_log)[:3])


def test_a_broken_document_is_not_valid(by_kind):
    data = by_kind["185"][0].replace(b"<realmCode", b"<realmKode")
    assert not schema("185").validate(etree.fromstring(data))
