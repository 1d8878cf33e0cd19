"""Values into Russian words: dates, terms, plural forms, levels, states. No HTML here, no clock: `today` is given."""

from datetime import date, datetime

MONTHS = (
    "января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября", "декабря",
)  # fmt: skip
MONTH_NAMES = (
    "январь", "февраль", "март", "апрель", "май", "июнь", "июль", "август", "сентябрь", "октябрь", "ноябрь", "декабрь",
)  # fmt: skip
WEEKDAYS = ["понедельник", "вторник", "среда", "четверг", "пятница", "суббота", "воскресенье"]
NBSP = "\u00a0"

LEVELS = {
    "reminder": "напоминание",
    "navigator": "навигатору",
    "head": "заведующему",
    "coordinator": "координатору региона",
}
TASK_STATES = {"open": "не взято", "taken": "в работе", "waiting": "ждёт", "closed": "закрыто", "upcoming": "предстоит"}
CLOCK_STATES = {
    "running": "идёт",
    "met": "выполнено в срок",
    "late": "выполнено с опозданием",
    "passed": "пройдено без документа",
    "closed": "снято",
    "paused": "приостановлено",
}
NORMS = {
    "verified": "норма сверена по публикациям, нарушение учитывается",
    "recalled": "норма не сверена с текстом акта: только напоминание, нарушением не считается",
    "product": "внутреннее правило системы, нарушением закона не считается",
}
NORM_TAGS = {"verified": "норма", "recalled": "не сверено", "product": "правило системы"}
# What a verified term is when no act stands behind it: it is passed on as any other, but breaks no law.
NO_LAW = {
    "clinical": "порог из клинической практики, а не норма закона: опоздание — отклонение, но не нарушение",
    "format": "признак из формата обмена данными, а не норма закона: опоздание — отклонение, но не нарушение",
}
NO_LAW_TAGS = {"clinical": "клинический порог", "format": "формат обмена"}
SEX = {"male": "мужчина", "female": "женщина"}
SEX_SHORT = {"male": "муж.", "female": "жен."}
SIDES = {"left": "слева", "right": "справа", "both": "с обеих сторон"}
ROLES = {
    "navigator": "навигатор",
    "head": "заведующий",
    "registrar": "регистратор",
    "coordinator": "координатор региона",
    "methodologist": "методолог",
    "admin": "администратор",
}
UNITS = {
    "working_days": ("рабочий день", "рабочих дня", "рабочих дней"),
    "calendar_days": ("календарный день", "календарных дня", "календарных дней"),
    "months": ("месяц", "месяца", "месяцев"),
}


def plural(n: int, one: str, few: str, many: str) -> str:
    """The form that goes with the number: 1 день, 2 дня, 5 дней, 11 дней, 21 день."""
    tail, tens = abs(n) % 10, abs(n) % 100
    if tail == 1 and tens != 11:
        return one
    return few if 2 <= tail <= 4 and not 12 <= tens <= 14 else many


def count(n: int, one: str, few: str, many: str) -> str:
    """`1 240 задач`: the number with thin groups and the right form, never torn apart at a line end."""
    return f"{number(n)}{NBSP}{plural(n, one, few, many)}"


def number(n: int) -> str:
    """`30 000`: groups of three apart."""
    return f"{n:,}".replace(",", NBSP)


def day(value: date | None, today: date | None = None) -> str:
    """`5 марта`, with the year when it is not the year of `today`; a dash for no date."""
    if value is None:
        return "—"
    text = f"{value.day}{NBSP}{MONTHS[value.month - 1]}"
    return text if today is not None and value.year == today.year else f"{text}{NBSP}{value.year}"


def weekday(value: date) -> str:
    """`среда`."""
    return WEEKDAYS[value.weekday()]


def partial_day(text: str, today: date | None = None) -> str:
    """A date as written, which may be only a month or a year: `март 2026`, `2026 год`."""
    parts = text.split("-")
    if len(parts) == 3:
        return day(date.fromisoformat(text), today)
    if len(parts) == 2:
        return f"{MONTH_NAMES[int(parts[1]) - 1]} {parts[0]}"
    return f"{text} год" if text else "без даты"


def moment(value: datetime | None, today: date | None = None) -> str:
    """`5 марта, 14:07`."""
    return "—" if value is None else f"{day(value.date(), today)}, {value:%H:%M}"


def age(born: date | None, today: date) -> str:
    """`64 года`; empty if the birth date is unknown."""
    if born is None:
        return ""
    years = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    return count(years, "год", "года", "лет")


def term(limit: int, unit: str) -> str:
    """`3 рабочих дня`."""
    return count(limit, *UNITS[unit])


def past_or_left(days: int) -> str:
    """Working days past the due date (positive) or left to it: the phrase of the list's date column."""
    if days > 0:
        return f"просрочено на {days}{NBSP}раб.{NBSP}{plural(days, 'день', 'дня', 'дней')}"
    if days == 0:
        return "сегодня последний день"
    return f"осталось {-days}{NBSP}раб.{NBSP}{plural(-days, 'день', 'дня', 'дней')}"


def left_or_past_short(days: int) -> str:
    """`+3 дня` past, `ещё 2 дня` left: for narrow places."""
    if days > 0:
        return f"+{days}{NBSP}{plural(days, 'день', 'дня', 'дней')}"
    return "сегодня" if days == 0 else f"ещё{NBSP}{-days}{NBSP}{plural(-days, 'день', 'дня', 'дней')}"


def snils(digits: str) -> str:
    """`112-233-445 95`."""
    return f"{digits[:3]}-{digits[3:6]}-{digits[6:9]} {digits[9:]}" if len(digits) == 11 else digits


def snils_masked(digits: str) -> str:
    """`•••-•••-445 95`: enough to tell two people apart at the phone, not enough to copy."""
    return f"•••-•••-{digits[6:9]} {digits[9:]}" if len(digits) == 11 else ""


def phone(digits: str) -> str:
    """`+7 912 345-67-89` for a Russian number; as written otherwise."""
    only = "".join(c for c in digits if c.isdigit())
    if len(only) == 11 and only[0] in "78":
        return f"+7{NBSP}{only[1:4]}{NBSP}{only[4:7]}-{only[7:9]}-{only[9:]}"
    return digits


def phone_link(digits: str) -> str:
    """Digits for a `tel:` link; empty if the text is not a number."""
    only = "".join(c for c in digits if c.isdigit())
    if len(only) == 11 and only[0] == "8":
        only = "7" + only[1:]
    return f"+{only}" if 10 <= len(only) <= 15 else ""


def icd(code: str, side: str = "") -> str:
    """`C50.9 слева`."""
    return f"{code} {SIDES[side]}" if side in SIDES else code


def sender(name: str) -> str:
    """Who sent it; a bill may name a code no organisation of the region has."""
    return f"организация с кодом {name}" if name.isdigit() else name


def lower_first(text: str) -> str:
    """The phrase as the middle of a sentence: `подозрение на ЗНО`; an abbreviation at its start stays one."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def upper_first(text: str) -> str:
    """The phrase as a beginning: `По полису ОМС`."""
    return text[:1].upper() + text[1:]


def joined(parts: list[str], by: str = ", ") -> str:
    """Non-empty parts in one line."""
    return by.join(p for p in parts if p)
