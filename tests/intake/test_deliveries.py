"""Files, folders, archives: everything arrives, bombs and broken archives arrive as faults."""

import io
import zipfile
from datetime import UTC, datetime

import pytest

from oncor_cases.actions import deliveries as doors
from oncor_cases.actions.deliveries import deliveries, of_bytes
from oncor_cases.kernel.errors import UserError


def archive(**members):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in members.items():
            made.writestr(name.replace("_", "."), data)
    return file.getvalue()


def got(items):
    return [(d.name, d.data, d.fault and d.fault[0]) for d in items]


def test_a_folder_gives_its_documents_in_the_order_of_names(tmp_path):
    for name in ("b.xml", "a.xml", ".hidden", "list.csv", "sub/c.b64"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(name.encode())
    assert [d.name for d in deliveries([tmp_path])] == ["a.xml", "b.xml", "sub/c.b64"]
    assert [d.name for d in deliveries([tmp_path / "list.csv"])] == ["list.csv"]  # named outright


def test_the_list_of_deliveries_sets_order_moments_and_repeats(tmp_path):
    for name in ("a.xml", "b.xml", "unlisted.xml"):
        (tmp_path / name).write_bytes(name.encode())
    (tmp_path / "deliveries.csv").write_text(
        "path,received_at\nb.xml,2026-03-02T09:00:00+03:00\na.xml,2026-03-03T09:00:00+03:00\nb.xml,2026-03-04T09:00:00+03:00\n"
    )
    found = [(d.name, d.received_at) for d in deliveries([tmp_path])]
    assert [name for name, _ in found] == ["b.xml", "a.xml", "b.xml", "unlisted.xml"]
    assert found[0][1] == datetime(2026, 3, 2, 6, tzinfo=UTC)
    assert found[3][1] is None


def test_a_path_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(UserError):
        list(deliveries([tmp_path / "none"]))


def test_an_archive_in_an_archive_is_opened_but_no_deeper():
    inner = archive(c_xml=b"<c/>")
    assert got(of_bytes(archive(a_xml=b"<a/>", b_zip=inner), "z.zip")) == [
        ("z.zip!a.xml", b"<a/>", None),
        ("z.zip!b.zip!c.xml", b"<c/>", None),
    ]
    deep = archive(x_zip=archive(y_zip=inner))
    (found,) = got(of_bytes(deep, "z.zip"))
    assert found[2] == "archive_nested"


def test_a_truncated_archive_is_a_fault_and_keeps_its_bytes():
    whole = archive(a_xml=b"<a/>" * 1000)
    broken = whole[: len(whole) // 2]
    assert got(of_bytes(broken, "z.zip")) == [("z.zip", broken, "archive_broken")]


def test_a_damaged_member_is_a_fault_after_the_sound_ones():
    whole = bytearray(archive(a_xml=b"<a/>", b_xml=bytes(range(256)) * 40))
    at = whole.index(b"b.xml") + 20
    whole[at : at + 30] = b"\0" * 30
    found = got(of_bytes(bytes(whole), "z.zip"))
    assert found[0] == ("z.zip!a.xml", b"<a/>", None)
    assert found[1][2] == "archive_broken"


def test_a_bomb_is_told_by_its_table_of_contents(monkeypatch):
    bomb = archive(a_xml=b"\0" * (4 << 20))
    assert got(of_bytes(bomb, "z.zip")) == [("z.zip", bomb, "archive_bomb")]
    monkeypatch.setattr(doors, "MEMBERS_LIMIT", 1)
    assert got(of_bytes(archive(a_xml=b"1", b_xml=b"2"), "z.zip"))[0][2] == "archive_bomb"


def test_a_member_that_lies_about_its_size_is_cut_off(monkeypatch):
    monkeypatch.setattr(doors, "DOCUMENT_LIMIT", 10)
    found = got(of_bytes(archive(a_xml=b"<a/>", b_xml=b"x" * 11), "z.zip"))
    assert [f[2] for f in found] == [None, "too_large"]


def test_a_file_too_large_for_a_document_is_a_fault(tmp_path, monkeypatch):
    monkeypatch.setattr(doors, "DOCUMENT_LIMIT", 10)
    (tmp_path / "a.xml").write_bytes(b"x" * 11)
    assert got(deliveries([tmp_path])) == [("a.xml", b"x" * 11, "too_large")]
    monkeypatch.setattr(doors, "KEPT_LIMIT", 10)
    assert got(deliveries([tmp_path])) == [("a.xml", b"", "too_large")]


def test_an_encrypted_member_is_a_fault():
    whole = bytearray(archive(a_xml=b"<a/>"))
    for mark, flag in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        whole[whole.index(mark) + flag] |= 1
    assert [f[2] for f in got(of_bytes(bytes(whole), "z.zip"))] == ["archive_encrypted"]
