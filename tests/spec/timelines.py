"""Random timelines over the whole vocabulary, contradictions included: the material of the property tests."""

from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from oncor_cases.facts.fact import Fact, fact
from oncor_cases.facts.registers import OTHER_REGISTER
from oncor_cases.facts.timeline import Patient, Timeline, Usual
from oncor_cases.facts.vocabulary import CERTAINTY, EVIDENCE, KINDS, STUDIES

FIRST, SPAN = date(2026, 2, 16), 100  # over the holidays of March and May
CODES = (
    "",
    "",
    "",
    "C50.9",
    "C50.9",
    "C50.4",
    "C34.1",
    "R91",
    "Z03.1",
    "D48.6",
    "C78.0",
    "D24",
    "C91.0",
    "K56.7",
    "K13.2",
    "K29.4",
    "C44.3",
)
# Kinds the pathways read come more often than the rest.
OFTEN = (
    "suspicion", "referral", "consultation", "study_ordered", "study_performed", "biopsy_taken", "biopsy_received",
    "pathology_report", "diagnosis", "consilium", "operation", "admission", "chemo_cycle", "radiotherapy",
    "hormone_therapy", "appointment", "contact", "result_told", "refusal", "contraindication", "done_elsewhere",
    "clinical_group", "late_stage_protocol", "notice_090u", "relapse", "vmp_ticket", "chemo_prescribed", "chemo_cycle",
    "chemo_delayed", "chemo_stopped", "register_entry", "register_exit", "visit", "screening_invited", "screening_test",
    "screening_assessment", "discharge", "no_show", "relapse", "visit", "register_entry", "screening_done_earlier",
    "screening_refused", "death", "moved_away", "attached",
)  # fmt: skip
FREE: dict[str, tuple[Any, ...]] = {
    "study": STUDIES[:4],
    "specimen": ("", "A1", "B2"),
    "step": ("consultation", "mri", "treatment", "surgery", "biopsy"),
    "stage": ("", "IIA", "IIIB", "IV"),
    "status": ("", "issued", "refused"),
    "result": ("", "suspicious", "normal"),
    "awaiting_ihc": ("", True),
    "valid_days": ("", 14, 30, "month", 10**9),
    "basis": ("", "histology_not_indicated"),
    "programme": ("RU-BREAST", "RU-BREAST", "another"),
    "regimen": ("", "EC-21", "FLOT", "AC", "unknown"),
    "cycles": ("", 2, "4", "many"),
    "cycle_days": ("", 21, 14, 0, -3, 10**9),
    "morphology": ("", "8090/3", "8500/3"),
    "side": ("", "", "left", "right", "both"),
    "of": ("treatment", "surgery", "biopsy", "mri"),
    "first_on": ("", date(2020, 5, 4), "2019"),
    "intent": ("", "decide_later"),
}
ODD_DAYS = (date(9999, 12, 31), date(2999, 1, 1), date(1900, 1, 1), date(1, 1, 1))  # mistyped centuries
DATED = ("at", "next_on", "until")


def days(first: date = FIRST, span: int = SPAN) -> st.SearchStrategy[date]:
    """Days of the window."""
    return st.integers(0, span).map(lambda n: first + timedelta(days=n))


@st.composite
def facts(draw: st.DrawFn, number: int) -> Fact:
    """One fact, mostly plausible, sometimes undated, before birth or from the future."""
    kind = KINDS[draw(st.one_of(st.sampled_from(OFTEN), st.sampled_from(sorted(KINDS))))]
    given: dict[str, Any] = {}
    for name, attribute in kind.attributes.items():
        if name == "icd10":
            given[name] = draw(st.sampled_from(CODES)) or ("C50.9" if attribute.required else None)
        elif name in DATED:
            given[name] = draw(st.one_of(st.none(), days(), days(), st.sampled_from(ODD_DAYS)))
        elif attribute.many:
            given[name] = draw(st.lists(st.sampled_from(attribute.values), max_size=3))
            given[name] = given[name] or None
        elif attribute.values:
            given[name] = draw(st.sampled_from((*attribute.values[:1], *attribute.values)))
        elif name in FREE:
            given[name] = draw(st.sampled_from(FREE[name]))
        elif name == "org":
            given[name] = draw(st.sampled_from(("", "", "clinic", "dispensary")))
    on = draw(days())
    odd = draw(st.integers(0, 29))
    known = on + timedelta(days=draw(st.sampled_from((0, 0, 0, 1, 5, 20))))
    series = draw(st.sampled_from(("", "", "", "d1", "d2", "d3")))
    return fact(
        f"f{number}",
        kind.name,
        None
        if odd == 0
        else date(1950, 1, 1)
        if odd == 1
        else date(1900, 1, 1)
        if odd == 2
        else date(2999, 1, 1)
        if odd == 3
        else on,
        known,
        given,
        partial="2026-03" if odd == 0 else "",
        certainty=draw(st.sampled_from((*CERTAINTY[:1] * 9, *CERTAINTY))),
        evidence=draw(st.sampled_from((*EVIDENCE[:1] * 5, *EVIDENCE))),
        doc=series,
        series=series or f"f{number}",
        version=draw(st.sampled_from((0, 0, 0, 1))) if series else 0,
        links=draw(st.sampled_from(((), (), ("n1",), ("n2",)))),
        author=draw(st.sampled_from(("sender", "sender", "other", f"{OTHER_REGISTER}: Соседний край"))),
    )


# Ways that open every pathway, so that random facts fall into living cases: (day of the window, kind, attributes).
WAYS: dict[str, tuple[tuple[int, str, dict[str, Any]], ...]] = {
    "diagnosis": ((0, "suspicion", {"icd10": "C50.9"}), (2, "referral", {"to": "oncologist"})),
    "chemotherapy": (
        (0, "diagnosis", {"icd10": "C50.9"}),
        (1, "chemo_prescribed", {"icd10": "C50.9", "cycles": 4, "cycle_days": 21}),
        (3, "chemo_cycle", {"icd10": "C50.9"}),
    ),
    "follow_up": (
        (0, "diagnosis", {"icd10": "C50.9"}),
        (1, "register_entry", {"icd10": "C50.9"}),
        (5, "operation", {"icd10": "C50.9"}),
        (9, "discharge", {"icd10": "C50.9", "org": "hospital"}),
    ),
    "pre_tumour": (
        (0, "diagnosis", {"icd10": "K13.2"}),
        (1, "register_entry", {"icd10": "K13.2", "register": "precancer"}),
    ),
    "screening": ((0, "screening_invited", {"programme": "RU-BREAST"}),),
}


def way(pathway: str) -> list[Fact]:
    """The facts that open a pathway."""
    told = []
    for number, (day, kind, given) in enumerate(WAYS[pathway]):
        on = FIRST + timedelta(days=day)
        told.append(fact(f"w{number}", kind, on, on, given, series=f"w{number}", author="sender"))
    return told


USUAL = {("clinic", "consultation"): Usual(40, 20, 60), ("sender", "visit"): Usual(40, 1, 3)}


@st.composite
def timelines(draw: st.DrawFn, most: int = 14) -> Timeline:
    """A person with up to `most` facts, mostly on the way of one pathway; some regions know how late senders are."""
    born = draw(st.sampled_from((date(1961, 4, 12), date(1961, 4, 12), date(2009, 3, 20), None)))
    patient = Patient("p", "female", born, draw(st.sampled_from(("", "clinic"))))
    opened = draw(st.sampled_from((None, None, *WAYS)))
    begun = way(opened) if opened else []
    size = draw(st.integers(1, most))
    delays = draw(st.sampled_from((None, None, {}, USUAL)))
    return Timeline(patient, (*begun, *(draw(facts(number)) for number in range(size))), delays=delays)
