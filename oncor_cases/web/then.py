"""A past day on lists and boards: which day, shown then or computed for it, and from what was known when."""

from dataclasses import dataclass
from datetime import date

from oncor_cases.actions.then import Past, past
from oncor_cases.kernel.errors import UserError
from oncor_cases.store.then import NOW
from oncor_cases.web import words
from oncor_cases.web.access import Parts, Reader

SHOWN, COMPUTED = "shown", "computed"


@dataclass(frozen=True, slots=True)
class Then:
    """`day` is what the page is about; `known_on` is None for what was shown; `past` is False for today's page."""

    day: date
    past: bool = False
    known_on: date | None = None

    def pairs(self) -> dict[str, str]:
        """The parameters of an address that ask for the same again."""
        if not self.past:
            return {}
        how = {"as": COMPUTED, "known": f"{self.known_on}"} if self.known_on else {"as": SHOWN}
        return {"on": self.day.isoformat(), **how}


@dataclass(frozen=True, slots=True)
class ThenForm:
    """What the form «another day» shows, and the banner above a past day."""

    banner: str = ""
    back: str = ""
    day: str = ""
    known: str = ""
    computed: bool = False
    last: str = ""
    hidden: tuple[tuple[str, str], ...] = ()


def asked(found: Reader, on: str, how: str, known: str) -> Then:
    """Raises UserError for a day that cannot be read or has not come."""
    if not on:
        return Then(found.today)
    day = _day(on)
    if day > found.today:
        raise UserError("Этот день ещё не наступил")
    if how != COMPUTED:
        return Then(found.today) if day == found.today else Then(day, True)
    known_on = _day(known) if known else day
    if known_on > found.today:
        raise UserError("Что станет известно позже, система не знает")
    return Then(day, True, known_on)


def source(p: Parts, found: Reader, then: Then, clinic: str = "") -> Past:
    """Where the page reads its tasks from."""
    return past(p.db, found.scope, then.day, known_on=then.known_on, clinic=clinic) if then.past else Past(NOW)


def form(then: Then, today: date, back: str, hidden: dict[str, str] | None = None, failed: int = 0) -> ThenForm:
    """The form as it stands. `hidden`: other parameters of the page to keep."""
    kept = tuple((k, v) for k, v in (hidden or {}).items() if v)
    if not then.past:
        return ThenForm(day=today.isoformat(), last=today.isoformat(), hidden=kept)
    if then.known_on is None:
        banner = f"Как было показано {words.day(then.day)}: по журналу задач, на конец дня. Решения отсюда не принимаются."
    else:
        banner = (
            f"Пересчитано на {words.day(then.day)} по тому, что было известно {words.day(then.known_on)}."
            " Ничего не записывается, решения отсюда не принимаются."
        )
    if failed:
        banner += f" Не прочитано: {words.count(failed, 'пациент', 'пациента', 'пациентов')}."
    return ThenForm(
        banner, back, then.day.isoformat(), f"{then.known_on or ''}", then.known_on is not None, today.isoformat(), kept
    )


def day_of(text: str, title: str) -> date:
    """A day of a form. Raises UserError naming the field."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UserError(f"Укажите день: {title}") from error


def _day(text: str) -> date:
    return day_of(text, "дата вида 2026-03-05")
