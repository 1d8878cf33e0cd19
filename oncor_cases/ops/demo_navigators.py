"""What the navigators of the demonstration do with their list, morning by morning, through the same doors as real ones.

They take the oldest first: they call, appoint, tell results, learn that a step was done elsewhere. Two clinics have
navigators; the others wait for theirs, and what they owe climbs to the coordinator. The same store on the same day gives
the same decisions."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from oncor_cases.actions import decide
from oncor_cases.actions.decide import About
from oncor_cases.kernel.errors import OncorError
from oncor_cases.ops.demo_staff import mark
from oncor_cases.store import absences, inbox
from oncor_cases.store.inbox import Filters, TaskRow
from oncor_cases.store.session import Database, Scope

WORKS_FOR = timedelta(days=40)  # before the day of the demonstration
A_DAY = 5  # decisions of one navigator
LOGINS = ("navigator", "navigator2")
ABOUT = {  # pathway → (what is refused, what is appointed)
    "diagnosis": ("investigation", "oncologist"), "chemotherapy": ("treatment", "cycle"),
    "follow_up": ("observation", "visit"), "pre_tumour": ("observation", "visit"), "screening": ("screening", "study"),
}  # fmt: skip
PLACES = ("Федеральный центр, по месту учёбы дочери", "Клиника в соседнем городе", "Частный центр, копия у пациента")


def morning(db: Database, region: int, day: date) -> int:
    """The decisions of one working morning, after its sweep; how many."""
    with db.batch() as conn:
        people = {c.login: c for c in absences.colleagues(conn, region)}
    done = 0
    for login in LOGINS:
        if login not in people:
            continue
        scope = Scope(region, login, "navigator", people[login].orgs)
        with db.web(scope) as conn:
            tasks = inbox.page(conn, scope, Filters(), day, None, limit=A_DAY * 4)
        chosen = [task for task in tasks if Random(f"who|{mark(task)}|{day}").random() < 0.4]
        done += sum(_work(db, scope, task, day) for task in chosen[:A_DAY])
    return done


def _work(db: Database, scope: Scope, task: TaskRow, day: date) -> int:
    chance = Random(f"{mark(task)}|{day}")
    try:
        _verb(task, chance)(db, Work(scope, task, day, chance))
    except OncorError:  # closed by the sweep of a decision just before
        return 0
    return 1


@dataclass(frozen=True, slots=True)
class Work:
    """A task before its navigator on a day."""

    scope: Scope
    task: TaskRow
    day: date
    chance: Random

    @property
    def about(self) -> About:
        return About(self.task.person, self.task.task)

    def within(self, least: int, most: int) -> date:
        """A day so many days from this one."""
        return self.day + timedelta(days=self.chance.randint(least, most))


Verb = Callable[[Database, Work], None]


def _verb(task: TaskRow, chance: Random) -> Verb:
    if task.rule == "DX-30":
        return _tell
    if task.rule.startswith("DOC"):
        return _take
    if task.rule.startswith("LOST"):
        return chance.choices((_call, _elsewhere, _snooze), (6, 3, 1))[0]
    return chance.choices((_take, _call, _appoint, _elsewhere, _refuse), (2, 3, 4, 5, 1))[0]


def _take(db: Database, work: Work) -> None:
    decide.took(db, work.about, by=work.scope, today=work.day)


def _tell(db: Database, work: Work) -> None:
    decide.told_result(db, work.about, on=work.day, what="по телефону", by=work.scope, today=work.day)


def _call(db: Database, work: Work) -> None:
    outcome = work.chance.choice(("reached", "reached", "no_answer", "wrong_number"))
    decide.called(
        db, work.about, outcome=outcome, channel="phone", by=work.scope, today=work.day,
        next_on=None if outcome == "wrong_number" else work.within(2, 9),
        note={"reached": "обещали прийти", "no_answer": "", "wrong_number": "чужой номер"}[outcome],
    )  # fmt: skip


def _appoint(db: Database, work: Work) -> None:
    time = f"{work.chance.randint(9, 16):02d}:{work.chance.choice(('00', '20', '40'))}"
    wanted = ABOUT[work.task.pathway][1]
    decide.appointment(db, work.about, for_=wanted, at=work.within(1, 14), time=time, by=work.scope, today=work.day)


def _elsewhere(db: Database, work: Work) -> None:
    place = work.chance.choice(PLACES)
    decide.done_elsewhere(db, work.about, on=work.within(-12, -1), note=place, by=work.scope, today=work.day)


def _refuse(db: Database, work: Work) -> None:
    of = ABOUT[work.task.pathway][0]
    note = "по телефону, хочет подумать"
    decide.refused(db, work.about, of=of, documented="verbal", on=work.day, note=note, by=work.scope, today=work.day)


def _snooze(db: Database, work: Work) -> None:
    note = "родственники привезут на той неделе"
    decide.snooze(db, work.about, until=work.within(5, 9), note=note, by=work.scope, today=work.day)
