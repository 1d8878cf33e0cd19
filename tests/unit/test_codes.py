"""Codes as types: what people and systems write, and what is no code at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncor_cases.kernel.codes import (
    BENIGN,
    CANCER,
    HAEMATOLOGY,
    MALIGNANT,
    METASTASIS,
    UNSITED,
    IcdSet,
    enp,
    icd10,
    is_oid,
    site_group,
    snils,
)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("C50.9", "C50.9"), ("с50.9", "C50.9"), ("C509", "C50.9"), ("С50.4", "C50.4"), (" c50 ", "C50"),
        ("C50.04", "C50.4"), ("D05.1", "D05.1"), ("Z03.1", "Z03.1"), ("M80.00", "M80.00"), ("G63.1*", "G63.1"),
        ("", None), (None, None), ("50.9", None), ("C5", None), ("рак", None), ("C50.9; C78", None), ("CC50", None),
    ],
)  # fmt: skip
def test_icd10(written: str | None, code: str | None) -> None:
    assert icd10(written) == code


@given(st.sampled_from("CDRZ"), st.integers(0, 99), st.integers(0, 9))
def test_a_code_read_twice_is_the_same(letter: str, category: int, sub: int) -> None:
    code = f"{letter}{category:02}.{sub}"
    assert icd10(code) == code
    assert icd10(icd10(code.lower())) == code


@pytest.mark.parametrize(
    ("code", "group"),
    [
        ("C50.9", "C50"), ("C50", "C50"), ("D05.1", "C50"), ("D24", "C50"), ("C18.2", "C18"), ("D12.6", "C18"),
        ("D06.9", "C53"), ("C91.0", "C81-C96"), ("C85.1", "C81-C96"), ("D45", "C81-C96"), ("D47.1", "C81-C96"),
        ("R91", None), ("Z03.1", None), ("D48.6", None), ("D37.4", None), ("C80", None), ("C78.0", None), ("", None),
        (None, None), ("K56.7", None),
    ],
)  # fmt: skip
def test_site_group(code: str | None, group: str | None) -> None:
    assert site_group(code) == group


def test_sets_hold_their_subcategories_and_nothing_beside() -> None:
    assert "C97" in CANCER
    assert "D09.0" in CANCER
    assert "D47.1" in CANCER
    assert "D10" not in CANCER
    assert "D48" not in CANCER
    assert "C78.0" in CANCER
    assert "C78.0" not in MALIGNANT
    assert "C79.9" in METASTASIS
    assert "C80" in MALIGNANT
    assert "C80" in UNSITED
    assert "D36.9" in BENIGN
    assert "C96.9" in HAEMATOLOGY
    assert "" not in CANCER
    assert None not in CANCER
    assert "anything" in IcdSet.parse("")
    assert "C63.2" in IcdSet.parse("C63.2")
    assert "C63.1" not in IcdSet.parse("C63.2")


def test_snils() -> None:
    assert snils("112-233-445 95") == "11223344595"
    assert snils("112-233-445 96") is None
    assert snils("001-001-998 00") == "00100199800"  # below the limit the check digits are not looked at
    assert snils("000-000-000 00") is None
    assert snils("1122334459") is None
    assert snils(None) is None


@given(st.integers(1_001_999, 999_999_999))
def test_snils_has_one_right_pair_of_check_digits(number: int) -> None:
    assert sum(snils(f"{number:09}{check:02}") is not None for check in range(100)) == 1


def test_enp() -> None:
    assert enp("1234567890123452") == "1234567890123452"
    assert enp("1234 5678 9012 3452") == "1234567890123452"
    assert enp("1234567890123453") is None
    assert enp("123456789012345") is None


def test_oid() -> None:
    assert is_oid("1.2.643.5.1.13.13.12.2.66.6873")
    assert not is_oid("1.2.643.05")
    assert not is_oid("9.1")
    assert not is_oid("")
