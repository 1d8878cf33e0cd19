"""The stories a methodologist writes: they are read whole, refer only to what exists, and slip in a minority."""

from collections import Counter
from datetime import date
from random import Random

import pytest

from oncor_cases.actions.story import check
from oncor_cases.kernel.errors import UserError
from oncor_cases.region.as_story import as_story, named, text_of
from oncor_cases.region.clinics import with_role
from oncor_cases.region.stories import LIST, Delay, _draft, sites, stories
from oncor_cases.region.tumour import tumour
from oncor_cases.region.unfold import Unfolding
from oncor_cases.sources.seeds import default_calendar, default_rulebook
from oncor_cases.sources.semd_writer.render import BODIES
from oncor_cases.sources.stories import read_stories

START = date(2026, 2, 3)


def unfolded(story, site, seed=0):
    chance = Random(seed)
    way = Unfolding(story, (tumour(site, chance, story.late_stage), tumour(sites()["skin"], chance)),
                    with_role("polyclinic")[0], default_calendar(), chance, child="child" in site.flags)  # fmt: skip
    return way.papers(START)


@pytest.mark.parametrize("story", stories(), ids=lambda s: s.name)
def test_a_story_names_only_what_exists(story):
    known = {d.id for d in story.documents}
    rules = set(default_rulebook().duties) if hasattr(default_rulebook(), "duties") else None
    for document in story.documents:
        assert document.treatment or document.papers, document.id
        assert all(p in BODIES or p == LIST for p in document.papers), document.papers
        assert document.on.ref in known | {""}, (document.id, document.on.ref)
        assert document.corrects in known | {""}
    for wish in story.expect:
        assert wish.since in known
        assert wish.until in known | {""}
        assert rules is None or wish.rule in rules
    assert all(name in sites() for name in story.sites)


@pytest.mark.parametrize("story", stories(), ids=lambda s: s.name)
def test_a_story_unfolds_for_each_of_its_sites(story):
    names = story.sites or [n for n, s in sites().items() if "child" not in s.flags]
    for name in names:
        papers = unfolded(story, sites()[name], seed=len(name))
        assert papers
        days = {p.id: p.moment.date() for p in papers}
        assert min(days.values()) >= START
        assert all(p.received > p.moment for p in papers)
        for paper in papers:
            if paper.answers:
                assert paper.answers in days
                assert days[paper.answers] <= days[paper.id]


def test_a_correction_is_a_higher_version_of_the_same_set_by_the_same_sender():
    story = next(s for s in stories() if s.name == "corrected diagnosis")
    papers = {p.id: p for p in unfolded(story, sites()["colon"])}
    assert (papers["dxfix"].series, papers["dxfix"].version) == ("dx", 2)
    assert papers["dxfix"].by == papers["dx"].by
    assert papers["dxfix"].paper == papers["dx"].paper


@pytest.mark.parametrize("story", stories(), ids=lambda s: s.name)
def test_a_story_with_dates_is_read_and_holds(story):
    """The same template as a story of facts: no document is written, and the rules say what the template plants."""
    for site in story.sites[:2] or ("breast", "lung"):
        text = text_of(as_story(story, site, date(2026, 3, 2), 1, default_calendar()))
        (told,) = read_stories(text)
        assert check(told)["differences"] == []


def test_an_unknown_story_is_named_with_those_there_are():
    with pytest.raises(UserError, match="smooth path"):
        named("no such story")


def test_no_two_papers_of_a_patient_share_a_name():
    for story in stories():
        for seed in range(3):
            papers = unfolded(story, sites()[story.sites[0] if story.sites else "ovary"], seed)
            assert len({p.id for p in papers}) == len(papers), story.name


def test_most_patients_do_well():
    weights = Counter({s.name: s.weight for s in stories()})
    slipping = sum(s.weight for s in stories() if s.expect)
    assert 0.15 < slipping / weights.total() < 0.45
    assert weights.most_common(1)[0][0] == "smooth path"


@pytest.mark.parametrize(
    ("text", "delay"),
    [("0", Delay()), ("3..9", Delay("", 3, 9)), ("ref", Delay("ref")), ("ref + 1..4w", Delay("ref", 1, 4, True)),
     ("ref + 2", Delay("ref", 2, 2)), ("-270..-2", Delay("", -270, -2))],
)  # fmt: skip
def test_days_are_read_as_people_write_them(text, delay):
    assert Delay.parse(text) == delay


@pytest.mark.parametrize("text", ["", "ref +", "soon", "1..", "ref + x"])
def test_a_day_nobody_understands_is_refused(text):
    if text == "soon":  # a bare word is another document's day
        assert Delay.parse(text).ref == "soon"
        return
    with pytest.raises(ValueError, match="не понимаю день"):
        Delay.parse(text)


def test_a_mistake_names_the_story_and_the_document():
    with pytest.raises(UserError, match="История «x», документ «d»: неизвестно 'referal'"):
        _draft("x", {"id": "d", "on": 0, "paper": 185, "referal": {}})
