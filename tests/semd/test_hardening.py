"""Bytes of a stranger: whatever they are, the answer is a reading with a reason."""

import base64
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oncor_cases.sources.semd import outline, read
from oncor_cases.sources.semd.safety import BYTE_LIMIT
from tests.semd.documents import cd, diagnosis, document, node, section

GOOD = document("371", section("DGN", diagnosis()), template="1.2.643.5.1.13.13.14.371.9.1")


def refused(data):
    started = time.perf_counter()
    found = read(data)
    assert time.perf_counter() - started < 2
    assert found.status == "unreadable", found
    assert outline(data)
    return found.problems[0].code


def test_the_base_of_these_tests_is_read():
    assert read(GOOD).status == "read"
    assert read(GOOD).facts


BOMB = (
    '<!DOCTYPE x [<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 10)) + "]>"
).encode()


@pytest.mark.parametrize(
    ("name", "prolog"),
    [
        ("billion laughs", BOMB),
        ("external entity", b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'),
        ("parameter entity", b'<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x.dtd"> %p;]>'),
        ("external DTD", b'<!DOCTYPE ClinicalDocument SYSTEM "http://127.0.0.1:9/x.dtd">'),
        ("empty doctype", b"<!DOCTYPE ClinicalDocument>"),
        ("doctype behind a comment that looks like an element", b"<!-- <a> --><!DOCTYPE ClinicalDocument>"),
        ("bomb behind a comment", b"<!-- <a> -->" + BOMB),
    ],
)
def test_dtd_and_entities_are_refused(name, prolog):
    body = GOOD.split(b"?>", 1)[1].replace("Документ".encode(), b"&a9;&e;" if b"ENTITY" in prolog else b"x", 1)
    assert refused(b'<?xml version="1.0"?>' + prolog + body) in ("dtd_forbidden", "not_well_formed", "too_large")


def test_a_doctype_in_utf16_does_not_hide():
    text = GOOD.decode().split("?>", 1)[1]
    assert refused(("<!DOCTYPE ClinicalDocument>" + text).encode("utf-16")) == "dtd_forbidden"


@pytest.mark.parametrize("levels", [300, 100_000])
def test_depth_bombs_are_refused(levels):
    assert refused(b"<a>" * levels + b"</a>" * levels) in (
        "too_deep",
        "not_xml",
        "not_well_formed",
        "truncated",
        "too_large",
    )


def test_statements_nested_deeper_than_any_document_are_refused():
    inner = node("838")
    for _ in range(75):
        inner = node("838", below=(inner,))
    assert refused(document("371", section("DGN", inner), template="1.2.643.5.1.13.13.14.371.9.1")) in (
        "too_deep",
        "not_well_formed",
    )


@pytest.mark.parametrize(
    "data", [b"", b"   \n", b"\x00" * 50, b"PK\x03\x04rubbish", b"%PDF-1.4", b"hello", b"\xff\xfe", b"<", b"<a/>"]
)
def test_what_is_no_document_is_refused(data):
    assert refused(data) in ("empty", "not_xml", "encoding", "not_a_document", "truncated", "not_well_formed", "base64")


def test_a_truncated_document_is_refused_at_any_length():
    for cut in range(0, len(GOOD) - 1, 97):
        refused(GOOD[:cut])


def test_a_huge_attribute_is_refused():
    assert refused(GOOD.replace(b"doc-1", b"x" * 11_000_000)) in ("too_large", "not_well_formed")


def test_a_file_over_the_limit_is_refused_before_parsing():
    assert refused(b" " * (BYTE_LIMIT + 1)) == "too_large"


def test_base64_is_unwrapped_once_and_twice_with_lines():
    once = base64.encodebytes(GOOD)
    found = read(once)
    assert found.status == "read"
    assert "base64_unwrapped" in [p.code for p in found.problems]
    assert read(base64.b64encode(once)).facts == found.facts == read(GOOD).facts


def test_byte_order_marks_are_removed():
    assert read(b"\xef\xbb\xbf" + GOOD).facts == read(GOOD).facts
    assert read(GOOD.decode().encode("utf-16")).facts == read(GOOD).facts


def test_cp1251_declared_undeclared_and_declared_falsely():
    text = GOOD.decode()
    body = text.split("?>", 1)[1]
    declared = ('<?xml version="1.0" encoding="windows-1251"?>' + body).encode("cp1251")
    undeclared = body.encode("cp1251")
    false = text.encode("cp1251")
    utf8_called_1251 = ('<?xml version="1.0" encoding="windows-1251"?>' + body).encode()
    for data, guessed in ((declared, False), (undeclared, True), (false, True), (utf8_called_1251, True)):
        found = read(data)
        assert found.status == "read"
        assert found.patient.family == "Тестова"
        assert any(p.code == "encoding_guessed" for p in found.problems) is guessed


def test_garbage_in_utf8_is_not_taken_for_cyrillic():
    assert refused(GOOD.replace("Тестова".encode(), b"\xff\xfe\x98\x98\x80\x81")) == "encoding"


def test_many_threads_read_alike():
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(8) as pool:
        readings = list(pool.map(read, [GOOD, RICH] * 60))
    assert readings == [read(GOOD), read(RICH)] * 60


def test_unknown_kind_keeps_its_header():
    found = read(document("74"))
    assert (found.status, found.patient.family, found.document.date) == ("unknown_kind", "Тестова", "2026-03-12")
    assert found.facts == ()


def test_a_reader_that_fails_gives_an_unreadable_document_without_its_words(monkeypatch):
    from oncor_cases.sources.semd import reader

    def broken(sheet):
        raise KeyError("Тестова")

    monkeypatch.setitem(reader.READERS, "consilium", broken)
    found = read(GOOD)
    assert found.status == "unreadable"
    assert "Тестова" not in found.problems[0].message


RICH = document(
    "1",
    section("HOSP", node("1", system="1.2.643.5.1.13.13.11.1046")),
    section("DGN", diagnosis("C18.7", node("6036", cd("C16.1", "1.2.643.5.1.13.13.11.1005")))),
    section("SUR", node("A16.18.017", system="1.2.643.5.1.13.13.11.1070", tag="procedure")),
    case=("20260301", "20260310"),
)


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_mutated_bytes_never_raise(data):
    source = bytearray(data.draw(st.sampled_from([GOOD, RICH])))
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(source) - 1))
        how = data.draw(st.sampled_from(["flip", "cut", "repeat", "insert"]))
        if how == "flip":
            source[at] = data.draw(st.integers(0, 255))
        elif how == "cut":
            del source[at : at + data.draw(st.integers(1, 400))]
        elif how == "repeat":
            source[at:at] = source[at : at + data.draw(st.integers(1, 200))]
        else:
            source[at:at] = data.draw(st.sampled_from([b"<", b">", b'"', b"&", b"\x00", b'code=""', b'value="22020000"']))
        if not source:
            source = bytearray(b"<")
    check(read(bytes(source)), bytes(source))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_never_raise(data):
    check(read(data), data)


NONSENSE = ["", "C50", "1", "838", "20260230", "99999999", "true", "1.2.643.5.1.13.13.11.1005", "²", "٣", "-1"]


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_well_formed_nonsense_never_raises(data):
    """Attributes replaced by anything: still XML, so the readers themselves meet the nonsense."""
    import re

    letters = st.characters(codec="utf-8", exclude_characters='<>&"\x00', categories=("L", "N", "P", "Z"))
    values = st.one_of(st.text(letters, max_size=12), st.sampled_from(NONSENSE))
    text = data.draw(st.sampled_from([GOOD, RICH])).decode()
    spots = [m.span(1) for m in re.finditer(r'(?:code|codeSystem|value|displayName|root|extension)="([^"]*)"', text)]
    for start, end in sorted(data.draw(st.lists(st.sampled_from(spots), max_size=5, unique=True)), reverse=True):
        text = text[:start] + data.draw(values).replace("&", "") + text[end:]
    check(read(text.encode()), text.encode())


def check(found, data):
    assert found.status in ("read", "unknown_kind", "unreadable")
    assert not any(p.code == "internal" for p in found.problems), found.problems
    assert found.status == "read" or found.facts == ()
    assert all(f.on is None or 4 <= len(f.on) <= 10 for f in found.facts)
    outline(data)
