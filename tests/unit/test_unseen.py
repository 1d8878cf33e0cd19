"""Marks nobody sees: what stands for nothing, what is a blank, and that bytes and text agree."""

from hypothesis import example, given
from hypothesis import strategies as st

from oncor_cases.kernel.unseen import seen, seen_bytes

MARKS = "".join(chr(n) for n in range(0x80, 0x3001) if not chr(n).isprintable()) + "\ufeff"


@given(text=st.text(st.sampled_from("аЯё№«–1 ;\t\n" + MARKS), max_size=30))
@example(text="\u200b112\u00ad-233\u00a0445\u202f95\ufeff")
def test_bytes_and_text_agree(text: str) -> None:
    found = seen_bytes(text.encode()).decode()
    assert found in (seen(text), text), "as it came only where no mark but a control character is in it"
    assert seen(found) == seen(text)


def test_blanks_are_blanks_and_marks_are_nothing() -> None:
    assert seen("\u200b112-233\u00a0445\u202f95\ufeff") == "112-233 445 95"
    assert seen("Ива\u00adнова\u200d \x00Анна") == "Иванова Анна"
    assert seen("№ 4, «Мир» – дом…\tкв. 2\n") == "№ 4, «Мир» – дом…\tкв. 2\n"
    text = "Ёлкина №4 «Мир»".encode()
    assert seen_bytes(text) is text
