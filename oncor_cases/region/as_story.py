"""A template of the region unfolded into a story of dated facts, the form `oncor story check` and people read.

What a document says becomes its facts under one `doc`; a new version replaces them one by one, a voided one withdraws
them. What the template plants becomes what is expected."""

from collections.abc import Iterator
from datetime import date, timedelta
from io import StringIO
from random import Random
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap

from oncor_cases.kernel.calendar import Calendar
from oncor_cases.kernel.errors import UserError
from oncor_cases.region.clinics import with_role
from oncor_cases.region.stories import Story, sites, stories
from oncor_cases.region.tumour import tumour
from oncor_cases.region.unfold import Paper, Unfolding
from oncor_cases.sources.seeds import default_rulebook
from oncor_cases.sources.semd_writer import Said

SUSPECTED, PLANNED = ("suspicion",), ("visit_planned",)
LATER = timedelta(days=4)  # after the due date: a weekend and the day the task opens


def named(name: str) -> Story:
    """A story by its name. Raises UserError with the names there are."""
    found = next((s for s in stories() if s.name == name), None)
    if found is None:
        raise UserError(f"Такой истории нет: {name}. Есть: " + "; ".join(s.name for s in stories()))
    return found


def as_story(story: Story, site_name: str, start: date, seed: int, calendar: Calendar) -> dict[str, Any]:
    """The story as one YAML record of dated facts, with what is expected of the rules."""
    chance = Random(f"story {story.name} {seed}")
    site = sites().get(site_name or (story.sites[0] if story.sites else "breast"))
    if site is None:
        raise UserError(f"Такой локализации нет: {site_name}. Есть: {', '.join(sites())}")
    tumours = (tumour(site, chance, story.late_stage, story.plan), tumour(sites()["skin"], chance))
    child = "child" in site.flags
    papers = Unfolding(story, tumours, with_role("polyclinic")[0], calendar, chance, child).papers(start)
    born = start.replace(year=start.year - (8 if child else 61), day=1)
    return {
        "story": f"{story.title} ({story.name}, {site.name})",
        "patient": {"sex": site.sex or "female", "born": born, "attached": with_role("polyclinic")[0].oid},
        "facts": list(_facts(papers)),
        "expect": list(_expected(story, {p.id: p for p in papers}, calendar)),
    }


def text_of(record: dict[str, Any]) -> str:
    """The record as YAML, a fact a line."""
    yaml = YAML()
    yaml.width = 10_000
    out = StringIO()
    lines = {name: [_line(row) for row in record[name]] for name in ("facts", "expect")}
    yaml.dump({**record, "patient": _line(record["patient"]), **lines}, out)
    return out.getvalue()


def _line(row: dict[str, Any]) -> CommentedMap:
    """A record written on one line."""
    line = CommentedMap(row)
    line.fa.set_flow_style()
    return line


def _facts(papers: list[Paper]) -> Iterator[dict[str, Any]]:
    for paper in papers:
        if paper.spoiled:
            continue  # it went to quarantine and told nothing
        for said in paper.says:
            row: dict[str, Any] = {"on": said.on, "known": paper.received.date(), "doc": paper.id}
            if paper.version > 1:
                row["replaces"] = paper.series
            if said.kind in SUSPECTED:
                row["certainty"] = "suspected"
            elif said.kind in PLANNED:
                row["certainty"] = "planned"
            links = [link for link in (paper.id, paper.answers) if link]
            yield row | {"links": links, "author": paper.by.oid, said.kind: _attributes(said)}
        if paper.withdrawn:
            yield {"known": paper.withdrawn.date(), "withdraws": paper.id}


def _attributes(said: Said) -> dict[str, Any]:
    """Attributes as the vocabulary has them; the clinic pointed to by its identifier."""
    told = {name: list(value) if isinstance(value, tuple) else value for name, value in said.attributes.items() if value}
    if said.org is not None and said.kind in ("referral", "study_ordered"):
        told["org"] = said.org.oid
    return told


def _expected(story: Story, papers: dict[str, Paper], calendar: Calendar) -> Iterator[dict[str, Any]]:
    for wish in story.expect:
        start = papers.get(wish.since)
        if start is None:
            continue
        on = start.received.date() if wish.known else start.moment.date()
        due = calendar.add_working_days(on, wish.days.low) if wish.days.work else on + timedelta(days=wish.days.low)
        stop = papers.get(wish.until)
        today = due + LATER
        if stop is None or stop.received.date() > today:
            pathway = default_rulebook().duties[wish.rule].pathway
            yield {"today": today, "pathway": "diagnosis" if pathway == "any" else pathway, "has": [{"rule": wish.rule}]}
