"""Who sends lists from outside the clinics, and what the folders of a list say of it: kind, sender, day.

A local number counts only within a sender, so kinds whose rows refer to each other by one have a keeper
(`Kind.keeper`): who it is in a region when nobody says otherwise."""

import re
from collections.abc import Collection, Sequence
from typing import NamedTuple

from oncor_cases.facts.registers import OTHER_REGISTER
from oncor_cases.kernel.codes import is_oid

OWN_REGISTER = "Канцер-регистр"
FUND, CIVIL, INSURER = "ТФОМС", "ЗАГС", "Страховая организация"
OUTSIDE = (FUND, CIVIL, OWN_REGISTER, OTHER_REGISTER, INSURER)
_DAY = re.compile(r"20\d\d[-_.](0[1-9]|1[0-2])([-_.](0[1-9]|[12]\d|3[01]))?")


class Folders(NamedTuple):
    """What folders told; `day` is the name of the folder as written (a day or a month), empty if none is one."""

    kind: str = ""
    sender: str = ""
    day: str = ""


def other_register(region: str) -> str:
    """The sender of another region's register: with its region, for two of them are two lists."""
    return f"{OTHER_REGISTER}: {' '.join(region.split())[:60]}"


def of_folders(parts: Sequence[str], kinds: Collection[str]) -> Folders:
    """The folders above a file, the outermost first; the nearer one is right. Other names say nothing."""
    told = Folders()
    for part in parts:
        name = " ".join(part.split())
        low = name.casefold()
        if low in kinds:
            told = told._replace(kind=low)
        elif _DAY.fullmatch(name):
            told = told._replace(day=name)
        elif is_oid(name):
            told = told._replace(sender=name)
        elif low.startswith(OTHER_REGISTER.casefold()):
            region = name[len(OTHER_REGISTER) :].strip(' :;,.-–—_()[]«»"')
            told = told._replace(sender=other_register(region) if region else OTHER_REGISTER)
        elif outside := next((one for one in OUTSIDE if one.casefold() == low), ""):
            told = told._replace(sender=outside)
    return told
