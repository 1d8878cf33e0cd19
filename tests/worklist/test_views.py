"""A stored view is the view: nothing of it is lost on the way through JSON."""

import json
from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from oncor_cases.kernel.calendar import Term
from oncor_cases.store.views import packed, unpacked
from oncor_cases.workflows.view import Clock, Finding, View

statuses = st.sampled_from(["running", "met", "", "б|в@1"])
words, days = st.sampled_from(["", "a", "б|в@1"]), st.dates(date(2020, 1, 1), date(2030, 1, 1))
terms = st.builds(Term, st.integers(0, 60), st.sampled_from(["working_days", "calendar_days", "months"]), st.booleans())
clocks = st.builds(
    Clock, words, words, words, words, days, words, terms, days, statuses, words, st.none() | days, words, words,
    st.booleans(), st.booleans(), st.booleans(), st.booleans(), st.none() | days,
)  # fmt: skip
findings = st.builds(Finding, st.sampled_from(["which_tumour", "undated"]), st.lists(words, max_size=2).map(tuple), words)
views = st.builds(
    View, words, words, words, words, words, days, st.lists(clocks, max_size=3).map(tuple),
    st.lists(findings, max_size=2).map(tuple), st.dictionaries(words, days, max_size=2), words, words, st.none() | days,
)  # fmt: skip


@given(views)
def test_unpacking_gives_the_view_back(view):
    told = json.loads(json.dumps(packed(view)))
    assert unpacked(view.pathway, view.episode, view.icd10, view.state, view.wakes_on, told) == replace(view, anchors=())


def test_a_case_takes_at_most_two_kilobytes(town):
    person = town.suspected()
    for day, kind, said in (
        (3, "referral", {"to": "oncologist"}), (4, "consultation", {}), (4, "study_ordered", {"study": "ct"}),
        (6, "study_performed", {"study": "ct"}), (9, "biopsy_taken", {"specimen": "1"}),
        (16, "pathology_report", {"result": "malignant", "specimen": "1"}), (17, "diagnosis", {"stage": "II"}),
    ):  # fmt: skip
        town.fact(person, date(2026, 3, day), kind, icd10="C50.9", **said)
    town.sweep(date(2026, 4, 20))
    sizes = [size for (size,) in town.rows("select pg_column_size(view) from pathway_view")]
    assert len(sizes) == 2  # diagnosis and follow-up
    assert max(sizes) <= 2048
