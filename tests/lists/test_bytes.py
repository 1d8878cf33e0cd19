"""Stored bytes read back: as one file, forwards, backwards and over its end, whatever the chunks are."""

import io
from functools import partial
from hashlib import sha256

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from isal import isal_zlib

from oncor_cases.kernel.ahead import ahead
from oncor_cases.store import list_bytes

STEPS = st.lists(
    st.tuples(st.sampled_from(["read", "from start", "from here", "from end"]), st.integers(-40, 60)), max_size=8
)
WHENCE = {"from start": io.SEEK_SET, "from here": io.SEEK_CUR, "from end": io.SEEK_END}


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=50), chunk=st.integers(1, 20), steps=STEPS)
def test_it_reads_as_the_file_it_was(database, region, data, chunk, steps):
    kept, list_bytes.CHUNK = list_bytes.CHUNK, chunk
    mark, plain = sha256(data + bytes([chunk])).digest(), io.BytesIO(data)
    try:
        with database.batch() as conn:
            pieces = (data[at : at + chunk] for at in range(0, len(data), chunk))
            list_bytes.put(conn, 1, mark, (isal_zlib.compress(piece, 1) for piece in pieces))
            with list_bytes.opened(conn, 1, mark) as stored:
                for what, number in steps:
                    if what == "read":
                        assert stored.read(abs(number)) == plain.read(abs(number))
                    else:
                        before = {"from start": 0, "from here": plain.tell(), "from end": len(data)}[what]
                        step = max(number, -before)  # no file begins before its start
                        assert stored.seek(step, WHENCE[what]) == plain.seek(step, WHENCE[what])
                assert stored.read() == plain.read()
    finally:
        list_bytes.CHUNK = kept


def test_a_step_that_fails_is_told_in_its_place():
    steps = [partial(int, "1"), partial(int, "2"), partial(int, "x"), partial(int, "4")]
    found = ahead(steps)
    assert [next(found), next(found)] == [1, 2]
    with pytest.raises(ValueError, match="invalid literal"):
        next(found)
