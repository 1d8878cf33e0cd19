"""A patient's tumour: one draw from a site's frequencies, the same in every document about it."""

from bisect import bisect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from random import Random
from typing import Any, TypeVar

from oncor_cases.region.stories import Site

T = TypeVar("T")
ROMAN = ("I", "II", "III", "IV")
TNM = {
    "I": ("1", "0", "0"), "IIA": ("2", "0", "0"), "IIB": ("3", "0", "0"), "IIIA": ("3", "1", "0"),
    "IIIB": ("4", "2", "0"), "IV": ("3", "1", "1"),
}  # fmt: skip


def weighted(chance: Random, choices: Sequence[T], weights: Sequence[float]) -> T:
    """One of the choices, by weight."""
    sums = tuple(accumulate(weights))
    return choices[min(bisect(sums, chance.random() * sums[-1]), len(choices) - 1)]


@dataclass(frozen=True, slots=True)
class Tumour:
    """What is true of the tumour, whether or not a doctor knows it yet."""

    site: Site
    icd10: str
    suspect: str
    morphology: str
    side: str
    stage: str
    grade: str
    plan: tuple[str, ...]

    @property
    def late(self) -> bool:
        """Stage IV, or III of a site one can see: such a case is reviewed (027-2/у)."""
        return self.stage == "IV" or (self.stage.startswith("III") and "visible" in self.site.flags)

    def diagnosis(self, status: str = "final", primacy: str = "") -> Mapping[str, Any]:
        """Attributes of a diagnosis; an excluded one names the harmless disease found instead."""
        if status == "excluded":
            return {"icd10": self.site.benign, "status": "excluded"}
        told: dict[str, Any] = {"icd10": self.icd10, "status": status}
        if primacy:
            told["primacy"] = primacy
        if self.side:
            told["side"] = self.side
        if status == "final":
            told |= {"morphology": self.morphology, "topography": self.site.topography}
            if self.stage:
                t, n, m = TNM[self.stage]
                told |= {"stage": self.stage, "t": t, "n": n, "m": m, "grade": self.grade}
        return told


def tumour(site: Site, chance: Random, late_stage: bool = False, plan: tuple[str, ...] = ()) -> Tumour:
    """A tumour of a site; `late_stage` draws III-IV only, `plan` takes the place of the site's own."""
    stage = ""
    if site.stages:
        weights = (0, 0, *site.stages[2:]) if late_stage else site.stages
        stage = weighted(chance, ROMAN, weights)
        if stage in ("II", "III"):
            stage += chance.choice("AB")
    plans = list(site.plans)
    return Tumour(
        site,
        chance.choice(site.icd10),
        chance.choice(site.suspect),
        chance.choice(site.morphology),
        chance.choice(("left", "right")) if "side" in site.flags else "",
        stage,
        weighted(chance, ("G1", "G2", "G3", "GX"), (20, 45, 28, 7)),
        plan or tuple(weighted(chance, plans, [site.plans[p] for p in plans]).split()),
    )
