"""Lists of the dead, of changed names and of those who left: medical certificates, the civil registry, migration."""

import hashlib
from collections.abc import Iterable

from oncor_cases.sources.lists import cells
from oncor_cases.sources.lists.schema import PERSON, Kind, Values, column, fact
from oncor_cases.sources.lists.senders import CIVIL
from oncor_cases.sources.reading import ReadFact

_KIND = cells.coded(
    {
        "1": "final",
        "2": "preliminary",
        "3": "final",
        "4": "final",
        "окончательное": "final",
        "предварительное": "preliminary",
        "взамен предварительного": "final",
        "взамен окончательного": "final",
        "final": "final",
        "preliminary": "preliminary",
    },
    "Вид свидетельства",
)


def _death(values: Values) -> Iterable[ReadFact]:
    told = {"icd10": values.get("icd10"), "kind": values.get("certificate_kind")}
    yield fact("list", "death", values["died_on"], told, path="Дата смерти")


DEATHS = Kind(
    name="deaths",
    title="Умершие: медицинские свидетельства",
    about="Свидетельства о смерти (106/у) списком: кто, когда, причина по МКБ-10",
    columns=(
        *PERSON,
        column(
            "died_on",
            "Дата смерти",
            cells.past_day,
            "died_on, death_date, date_death, dds, датасмерти, дата и время смерти",
            required=True,
        ),
        column(
            "icd10",
            "Первоначальная причина",
            cells.icd10,
            "icd10, причина смерти, death_cause, основная причина смерти, мкб причины смерти, cause, мкб-10, код причины",
        ),
        column("direct_cause", "Непосредственная причина", cells.icd10, "direct_cause, причина а"),
        column("other_causes", "Прочие важные состояния", cells.text, "other_causes, часть ii"),
        column(
            "certificate",
            "Номер свидетельства",
            cells.text,
            "certificate, серия и номер свидетельства, мсс, номер мсс, number, номер документа",
        ),
        column("certificate_kind", "Вид свидетельства", _KIND, "certificate_kind, вид мсс, vid_mss"),
        column("known_at", "Дата выдачи", cells.day, "known_at, issued_on, дата выдачи свидетельства"),
    ),
    facts=_death,
    files=r"death|умерш|смерт|dead|mss|мсс",
)

CIVIL_DEATHS = Kind(
    name="civil_deaths",
    title="Умершие: записи ЗАГС",
    about="Записи актов о смерти из органов ЗАГС",
    columns=(
        *PERSON,
        column(
            "died_on", "Дата смерти", cells.past_day, "died_on, death_date, date_death, датасмерт, date_smert", required=True
        ),
        column(
            "record",
            "Номер актовой записи",
            cells.text,
            "record, номер записи акта, номер записи акта о смерти, nomerza",
            required=True,
        ),
        column(
            "recorded_on", "Дата актовой записи", cells.past_day, "recorded_on, дата записи акта, дата составления, dataza"
        ),
        column("icd10", "Причина смерти", cells.icd10, "icd10, cause"),
    ),
    facts=lambda values: (fact("list", "death", values["died_on"], {"icd10": values.get("icd10")}, path="Дата смерти"),),
    files=r"zags|загс|fatalzp",
    xml_rows=("FATALZP", "fatalzp", "СведРегСмерт"),
)


def _both_names(values: Values) -> Iterable[Values]:
    """The same person twice: under the former name and under the present one, joined by the record of the change. Offices
    number their records each by itself, so the number and the day name several people; with the names, one."""
    who = (str(values.get(name) or "") for name in ("former_family", "family", "given", "patronymic", "born"))
    mark = hashlib.blake2b("\x1f".join(who).lower().encode(), digest_size=6).hexdigest()
    shared = {**values, "local_id": f"name-change:{values['record']}:{values['changed_on']}:{mark}"}
    former = {name: values.get(f"former_{name}") or values.get(name) for name in ("family", "given", "patronymic")}
    yield {**shared, **former, "role": "former"}
    yield {**shared, "role": "present"}


NAME_CHANGES = Kind(
    name="name_changes",
    title="Перемены имени: записи ЗАГС",
    about="Прежние и новые фамилия, имя, отчество: по ним находят человека под прежней фамилией",
    columns=(
        *PERSON,
        column(
            "former_family",
            "Прежняя фамилия",
            cells.text,
            "former_family, фамилия до перемены, old_family, fam_old",
            required=True,
        ),
        column("former_given", "Прежнее имя", cells.text, "former_given, имя до перемены, old_given, im_old"),
        column(
            "former_patronymic",
            "Прежнее отчество",
            cells.text,
            "former_patronymic, отчество до перемены, old_patronymic, ot_old",
        ),
        column(
            "changed_on", "Дата перемены имени", cells.past_day, "changed_on, дата перемены, дата записи акта", required=True
        ),
        column("record", "Номер актовой записи", cells.text, "record, номер записи акта, nomerza", required=True),
    ),
    facts=lambda values: (),
    key=("record", "role"),
    keeper=CIVIL,
    files=r"name.?chang|перемен|pernamezp|смена.?фам",
    xml_rows=("PERNAMEZP", "pernamezp"),
    records=_both_names,
)

DEPARTURES = Kind(
    name="departures",
    title="Выехавшие",
    about="Кто застрахован или наблюдается теперь в другом регионе",
    columns=(
        *PERSON,
        column(
            "left_on", "Дата выезда", cells.past_day, "left_on, дата выбытия, дата снятия, date_left, выехал", required=True
        ),
        column("to_region", "Куда выехал", cells.text, "to_region, регион, новый регион, субъект, куда выбыл"),
    ),
    facts=lambda values: (fact("list", "moved_away", values["left_on"], {"region": values.get("to_region")}),),
    files=r"выехал|выбыл|depart|moved",
)
