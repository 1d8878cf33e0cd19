"""The cancer register's export tables; here the planted differences of stage, date and site stand."""

from collections.abc import Iterator
from datetime import date, timedelta

from oncor_cases.region.lists.known import Known
from oncor_cases.region.lists.tables import Table, World, code, person, table
from oncor_cases.region.people import Resident

SIDE = {"left": "слева", "right": "справа", "both": "двусторонняя"}


def _number(r: Resident) -> str:
    return f"Р-{r.number:06}"


def _registered(w: World, day: date) -> Iterator[Known]:
    for k in w.known(day):
        if k.tumour and k.registered_on and k.resident.number not in w.differences.not_in_register:
            yield k


def _only(w: World, day: date) -> list[tuple[Resident, date]]:
    return [(r, day.replace(day=1, month=1) - timedelta(days=200 + r.number % 90)) for r in w.differences.register_only]


def register_persons(w: World, day: date) -> Table:
    """The register's card of each patient."""
    rows = [(*person(k.resident), _number(k.resident), k.registered_on) for k in _registered(w, day)]
    rows += [(*person(r), _number(r), on) for r, on in _only(w, w.today)]
    return table((("Номер в регистре", "REG_NUMBER"), ("Дата учета", "REG_DATE")), iter(rows))


def register_tumours(w: World, day: date) -> Table:
    """A tumour a row; here the planted differences of stage, date and site stand."""
    d = w.differences

    def rows() -> Iterator[tuple[object, ...]]:
        for k in _registered(w, day):
            assert k.tumour
            r, said = k.resident, k.tumour.said
            groups = k.of("clinical_group")
            yield (
                *person(r),
                _number(r),
                d.site.get(r.number, k.tumour.icd10),
                d.date.get(r.number, k.tumour.diagnosed_on),
                d.stage.get(r.number, said["stage"]),
                *(said[c] and f"{c.upper()}{said[c]}" for c in "tnm"),
                said["morphology"],
                SIDE.get(said["side"], ""),
                k.registered_on,
                k.left_on,
                groups[-1].said["group"] if groups else "",
                code(d.clinic.get(r.number, r.attached)),
            )
        for r, on in _only(w, w.today):
            yield (
                *person(r),
                _number(r),
                "C61" if r.sex == "male" else "C50.9",
                on,
                "I",
                "T1",
                "N0",
                "M0",
                "8140/3",
                "",
                on,
                None,
                "III",
                code(r.attached),
            )

    return table(
        (
            ("Номер в регистре", "REG_NUMBER"),
            ("Топография МКБ-10", "TOP_ICD"),
            ("Дата диагноза", "DS_DATE"),
            ("Стадия", "STAD"),
            ("T", "TNM_T"),
            ("N", "TNM_N"),
            ("M", "TNM_M"),
            ("Морфология", "MORPH"),
            ("Сторона поражения", "SIDE"),
            ("Взят на учет", "REG_DATE"),
            ("Снят с учета", "UNREG_DATE"),
            ("Клиническая группа", "GROUP"),
            ("МО наблюдения", "LPU"),
        ),
        rows(),
    )


def _other(w: World, day: date) -> Iterator[tuple[Resident, str, date]]:
    """Who stands in a neighbour's register too, with the tumour and since when. Its numbers may be ours of other people."""
    of = {p.resident.number: p for p in w.people}
    for n, on in sorted(w.differences.other_register.items()):
        tumour = of[n].at(day).tumour
        if tumour:
            yield of[n].resident, tumour.icd10, on


def other_persons(w: World, day: date) -> Table:
    """Cards of the neighbour's register."""
    rows = ((*person(r), _number(w.residents[at]), on) for at, (r, _, on) in enumerate(_other(w, day)))
    return table((("Номер в регистре", "REG_NUMBER"), ("Дата учета", "REG_DATE")), rows)


def other_tumours(w: World, day: date) -> Table:
    """Tumours of the neighbour's register."""
    rows = ((*person(r), _number(w.residents[at]), icd10, on, on) for at, (r, icd10, on) in enumerate(_other(w, day)))
    return table(
        (
            ("Номер в регистре", "REG_NUMBER"), ("Топография МКБ-10", "TOP_ICD"), ("Дата диагноза", "DS_DATE"),
            ("Взят на учет", "REG_DATE"),
        ),
        rows,
    )  # fmt: skip


def register_treatments(w: World, day: date) -> Table:
    """What the register knows of treatment."""
    kinds = {"operation": "Хирургическое", "chemo_cycle": "Химиотерапия", "hormone_therapy": "Гормонотерапия"}

    def rows() -> Iterator[tuple[object, ...]]:
        for k in _registered(w, day):
            for t in k.of(*kinds):
                yield (
                    *person(k.resident),
                    _number(k.resident),
                    kinds[t.kind],
                    t.on,
                    None,
                    k.tumour and k.tumour.icd10,
                    t.said["regimen"],
                    code(t.by),
                )
            ends = [t.on for t in k.of("radiotherapy") if t.said["phase"] == "end"]
            for t in k.of("radiotherapy"):
                if t.said["phase"] == "start":
                    end = next((on for on in ends if on > t.on), None)
                    yield (
                        *person(k.resident),
                        _number(k.resident),
                        "Лучевое",
                        t.on,
                        end,
                        k.tumour and k.tumour.icd10,
                        "",
                        code(t.by),
                    )

    seen: dict[tuple[object, ...], tuple[object, ...]] = {}
    for row in rows():
        seen.setdefault((row[0], row[8], row[9]), row)
    return table(
        (
            ("Номер в регистре", "REG_NUMBER"),
            ("Вид лечения", "TREATMENT"),
            ("Дата начала", "BEGIN_ON"),
            ("Дата окончания", "END_ON"),
            ("Диагноз", "DS"),
            ("Схема", "REGIMEN"),
            ("МО", "LPU"),
        ),
        iter(seen.values()),
    )


def register_visits(w: World, day: date) -> Table:
    """The register's notes of observation."""

    def rows() -> Iterator[tuple[object, ...]]:
        for k in _registered(w, day):
            for on, by in sorted({(t.on, t.by) for t in k.of("visit") if (t.said["register"] or "oncology") == "oncology"}):
                yield (*person(k.resident), _number(k.resident), on, k.tumour and k.tumour.icd10, "", code(by))

    return table(
        (
            ("Номер в регистре", "REG_NUMBER"),
            ("Дата осмотра", "OBS_DATE"),
            ("Диагноз", "DS"),
            ("Состояние процесса", "PROCESS"),
            ("МО", "LPU"),
        ),
        rows(),
    )
