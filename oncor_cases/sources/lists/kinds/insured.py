"""The insured population with attachment, as the territorial fund exports it."""

from collections.abc import Iterable

from oncor_cases.sources.lists import cells
from oncor_cases.sources.lists.schema import PERSON, Kind, Values, column, fact
from oncor_cases.sources.reading import ReadFact


def _attached(values: Values) -> Iterable[ReadFact]:
    if values.get("attached"):
        yield fact(
            "list",
            "attached",
            values.get("attached_on") or values.get("as_of"),
            {"org": values["attached"]},
            path="Прикрепление",
        )


INSURED = Kind(
    name="tfoms_insured",
    title="Застрахованные с прикреплением (ТФОМС)",
    about="Все застрахованные региона и поликлиника прикрепления",
    columns=(
        *PERSON,
        column(
            "attached",
            "Прикрепление",
            cells.org,
            "attached, mo_pr, мо прикрепления, lpu, поликлиника прикрепления, код мо прикрепления, lpu_prik, attached_org",
            present=True,
            required=False,
        ),
        column("attached_on", "Дата прикрепления", cells.day, "attached_on, дата прикрепления, lpudt, date_prik"),
        column("insurer", "Страховая организация", cells.text, "insurer, smo, смо"),
    ),
    facts=_attached,
    snapshot=True,
    known_only=True,
    files=r"insur|застрах|resident|prikrep|прикреп|naselen|населен",
    # the day of the list dates an attachment without a day of its own, once: content must not change with every list
    fill=lambda values, as_of: values if values.get("attached_on") else {**values, "as_of": as_of[:4] + "-01-01"},
    xml_rows=("PERS", "INSURED", "ZL"),
)
