"""Every kind of list that is a table, in the order in which they are offered."""

from oncor_cases.sources.lists.kinds.deaths import CIVIL_DEATHS, DEATHS, DEPARTURES, NAME_CHANGES
from oncor_cases.sources.lists.kinds.insured import INSURED
from oncor_cases.sources.lists.kinds.observation import ENDED, INFORMING, OBSERVED, PLAN, VISITS
from oncor_cases.sources.lists.kinds.register import PERSONS, REGISTER_VISITS, TREATMENTS, TUMOURS
from oncor_cases.sources.lists.kinds.screening import APPOINTMENTS, SCREENING
from oncor_cases.sources.lists.schema import Kind

TABLES: tuple[Kind, ...] = (
    INSURED, OBSERVED, ENDED, VISITS, PLAN, INFORMING, PERSONS, TUMOURS, TREATMENTS, REGISTER_VISITS, DEATHS, CIVIL_DEATHS,
    NAME_CHANGES, DEPARTURES, SCREENING, APPOINTMENTS,
)  # fmt: skip
