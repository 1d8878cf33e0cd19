"""The insured population with attachment, as the territorial fund exports it: millions of rows, so they become residents
(actions/residents.py), not documents. The converters say what a cell may be; a list is read by the same rules in SQL."""

from dataclasses import replace

from oncor_cases.sources.lists import cells
from oncor_cases.sources.lists.schema import PERSON, Kind, column

NEEDED = ("enp", "born", "sex")

INSURED = Kind(
    name="tfoms_insured",
    title="Застрахованные с прикреплением (ТФОМС)",
    about="Все застрахованные региона и поликлиника прикрепления: список целиком, одним файлом",
    columns=(
        *(replace(c, required=c.name in NEEDED) for c in PERSON),
        column(
            "attached",
            "Прикрепление",
            cells.org,
            "attached, mo_pr, mo, мо, мо прикрепления, lpu, поликлиника прикрепления, код мо прикрепления, lpu_prik,"
            " attached_org, code_mo",
            present=True,
        ),
        column(
            "attached_on",
            "Дата прикрепления",
            cells.day,
            "attached_on, дата прикрепления, lpudt, date_prik, date_attach, attached_since, dataprik",
        ),
        column("insurer", "Страховая организация", cells.text, "insurer, smo, смо, страховая"),
    ),
    facts=lambda values: (),
    snapshot=True,
    population=True,
    may_lose=0.1,  # more of a region do not move away in a month
    files=r"insur|застрах|resident|prikrep|прикреп|naselen|населен",
    xml_rows=("PERS", "INSURED", "ZL"),
)
