"""Which kinds the writer knows: how each is identified and which header parts its schema allows.

Identification and the national numbers: reference/semd.md section 2.1. Shapes that differ from kind to kind are the
words of this table, so that the header is written once."""

from dataclasses import dataclass

from oncor_cases.sources.semd_writer import dictionaries as d

G = d.P + "15."
OLD = "1.2.643.5.1.13.2.7.5.1."


@dataclass(frozen=True, slots=True)
class DocumentKind:
    """`remd`: number in the federal list. `code_by`: which list names the kind (B: papers, C: the federal list).

    `event`: the documented event, its time `value` or `span`. `fulfils`: the schema lets the document name its order.
    `encounter`: numbers of the case a document carries (0: none). `performers`: how many doctors the event names.
    `habits`: what only this kind's schema wants: `locality` in the patient's address, `snils_or_nothing`, `okato` or
    `ogrnip` of the clinic, `two_phones` of staff, `given_patronymic` as a second given name, `brief_staff` and `roles` of
    performers, `edition_6` for the header of the newest certificate of death, unlike any other."""

    remd: str
    md: str
    guide: str
    template: str
    title: str
    name: str
    code_by: str = "md"  # md, remd, guide, vimis
    event: str = ""
    event_time: str = "value"
    fulfils: bool = False
    encounter: int = 0
    insurance: bool = True
    performers: int = 0
    generation: str = "C"
    habits: frozenset[str] = frozenset()


def _habits(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _rows() -> list[DocumentKind]:
    k = DocumentKind
    return [
        k("85", "57", "32", d.P + "14.57.9.1", "Направление на консультацию",
          "Направление на консультацию и во вспомогательные кабинеты", event="50", generation="B",
          habits=_habits("snils_or_nothing")),
        k("185", "57", "32", d.P + "14.57.9.2", "Направление на консультацию",
          "Направление на консультацию и во вспомогательные кабинеты", event="50",
          habits=_habits("snils_or_nothing")),
        k("177", "3", "31", OLD + "3.9.3", "Направление на обследование",
          "Направление на госпитализацию, восстановительное лечение, обследование, консультацию", encounter=2,
          generation="B"),
        k("43", "3", "31", OLD + "3.3", "Направление на обследование",
          "Направление на госпитализацию, восстановительное лечение, обследование, консультацию", encounter=2,
          generation="B"),
        k("206", "3", "31", G + "31.4", "Направление на госпитализацию, обследование, консультацию",
          "Направление на госпитализацию, обследование, консультацию (CDA) Редакция 4", "remd", encounter=2),
        k("222", "93", "101", G + "101.1",
          "Направление на прижизненное патолого-анатомическое исследование биопсийного (операционного) материала",
          "Направление на прижизненное патолого-анатомическое исследование биопсийного (операционного) материала (CDA)"
          " Редакция 1", "remd", encounter=2),
        k("110", "6", "17", OLD + "6.9.3", "Протокол инструментального исследования",
          "Протокол инструментального исследования", event="3", event_time="span", fulfils=True, encounter=2,
          performers=1, generation="B"),
        k("174", "6", "17", d.P + "14.6.9.4", "Протокол инструментального исследования",
          "Протокол инструментального исследования", event="3", event_time="span", fulfils=True, encounter=2,
          performers=1),
        k("224", "6", "17", G + "17.5", "Протокол инструментального исследования",
          "Протокол инструментального исследования (CDA) Редакция 5", "remd", "3", "span", True, 2, performers=1),
        k("186", "7", "18", d.P + "14.7.9.5", "Протокол лабораторного исследования",
          "Протокол лабораторного исследования", event="4", fulfils=True, encounter=2, performers=1,
          habits=_habits("brief_staff")),
        k("214", "12", "21", G + "21.3",
          "Протокол прижизненного патолого-анатомического исследования биопсийного (операционного) материала",
          "Протокол прижизненного патолого-анатомического исследования биопсийного (операционного) материала (CDA)"
          " Редакция 3", "remd", "49", "span", True, 2, performers=1),
        k("176", "121", "20", G + "20.2", "Протокол цитологического исследования",
          "Протокол цитологического исследования (CDA) Редакция 2", "remd", "9", "span", True, 2, performers=1),
        k("119", "5", "13", OLD + "5.9.4", "Протокол консультации", "Протокол консультации", event="1",
          event_time="span", fulfils=True, encounter=2, performers=1),
        k("227", "5", "13", G + "13.5", "Протокол консультации", "Протокол консультации (CDA) Редакция 5", "remd", "1",
          "span", True, 2, performers=1),
        k("111", "85", "14", d.P + "14.85.9.4", "Протокол консультации в рамках диспансерного наблюдения",
          "Протокол консультации в рамках диспансерного наблюдения", event="11", event_time="span", fulfils=True,
          encounter=2, performers=1, generation="B"),
        k("190", "371", "79", d.P + "14.371.9.1", "Протокол консилиума врачей (онкологического)",
          "Протокол консилиума врачей (онкологического)", event="8", encounter=2, insurance=False, performers=3,
          habits=_habits("roles")),
        k("184", "184", "80", d.P + "14.184.9.1",
          "Извещение о больном с впервые в жизни установленным диагнозом злокачественного новообразования",
          "Извещение о больном с впервые в жизни установленным диагнозом злокачественного новообразования", event="63",
          insurance=False, habits=_habits("locality")),
        k("211", "250", "95", G + "95.1",
          "Протокол на случай выявления у больного запущенной формы злокачественного новообразования",
          "Протокол на случай выявления у больного запущенной формы злокачественного новообразования", "guide",
          encounter=2),
        k("189", "108", "77", d.P + "14.108.9.1", "Протокол оперативного вмешательства (операции)",
          "Протокол оперативного вмешательства (операции)", event="12", event_time="span", encounter=2, performers=1,
          habits=_habits("ogrnip brief_staff roles")),
        k("235", "1", "25", G + "25.6", "Эпикриз в стационаре выписной",
          "Эпикриз в стационаре выписной (CDA) Редакция 6", "remd", "13", "span", True, 2, performers=1),
        k("147", "1", "25", G + "25.5", "Эпикриз в стационаре выписной",
          "Эпикриз в стационаре выписной (CDA) Редакция 5", "remd", "13", "span", True, 2, performers=1),
        k("233", "2", "26", G + "26.5", "Эпикриз по законченному случаю амбулаторный",
          "Эпикриз по законченному случаю амбулаторный (CDA) Редакция 5", "remd", "51", "span", True, 2, performers=1),
        k("92", "2", "26", G + "26.4", "Эпикриз по законченному случаю амбулаторный",
          "Эпикриз по законченному случаю амбулаторный (CDA) Редакция 4", "remd", "51", "span", True, 2, performers=1),
        k("132", "80", "73", d.P + "14.80.9.1", "Талон на оказание высокотехнологичной медицинской помощи",
          "Талон на оказание высокотехнологичной медицинской помощи", encounter=2,
          habits=_habits("locality okato two_phones")),
        k("172", "90", "57", G + "57.2", "Справка о состоянии на учете в диспансере",
          "Справка о состоянии на учете в диспансере (CDA) Редакция 2", "remd", "50"),
        k("73", "90", "57", d.P + "14.90.9.1", "Справка о состоянии на учете в диспансере",
          "Справка о состоянии на учете в диспансере", event="50", generation="B"),
        k("58", "13", "35", OLD + "13.9.5", "Медицинское свидетельство о смерти",
          "Медицинское свидетельство о смерти", insurance=False, generation="B",
          habits=_habits("given_patronymic")),
        k("125", "13", "35", d.P + "14.13.9.6", "Медицинское свидетельство о смерти",
          "Медицинское свидетельство о смерти", insurance=False, habits=_habits("given_patronymic edition_6")),
        k("SMSV5", "", "", "0", "Осмотр (консультация)", "Осмотр (консультация)", "vimis", fulfils=True, encounter=1,
          generation="vimis"),
        k("SMSV7", "", "", "0", "Диспансерное наблюдение", "Диспансерное наблюдение", "vimis", fulfils=True,
          encounter=1, generation="vimis"),
    ]  # fmt: skip


KINDS = {kind.remd: kind for kind in _rows()}

EVENT_NAMES = {
    "1": "Консультация", "3": "Инструментальное исследование", "4": "Лабораторное исследование", "8": "Консилиум",
    "9": "Цитологическое исследование", "11": "Диспансерное наблюдение", "12": "Оперативное вмешательство",
    "13": "Госпитализация",
    "49": "Прижизненное патолого-анатомическое исследование биопсийного (операционного) материала",
    "50": "Выдача медицинского документа", "51": "Случай оказания медицинской помощи",
    "63": "Выявление злокачественного заболевания",
}  # fmt: skip
