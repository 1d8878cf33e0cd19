"""Whatever two persons had and whatever happened while they were one: joined and parted, both are as in a store in which
nobody ever joined them (facts, open tasks, episodes, addresses), apart from the history."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oncor_cases.actions import identity, matching
from oncor_cases.store import facts, persons
from oncor_cases.store.session import Database
from tests.intake.fakes import CLINIC, OTHER, paper
from tests.people.insured_list import NUMBERS
from tests.people.test_joins import take
from tests.worklist.conftest import Town

FIRST = date(2026, 3, 2)
FAMILIES, BORN = ("Рябова", "Котова", "Белова"), ("1960-04-12", "1970-01-01", "1980-01-01")
SITES = ("C50.9", "C34.1")

_who = st.integers(0, 2)
_document = st.tuples(
    st.just("document"), _who, st.sampled_from(SITES), st.sampled_from(["suspicion", "consultation"]), st.booleans()
)
_word = st.tuples(st.just("word"), _who, st.sampled_from(["refusal", "contact", "death"]), st.sampled_from(SITES))
_early = st.lists(st.one_of(_document, _word), max_size=5)
_meanwhile = st.lists(st.one_of(_document, st.tuples(st.just("sweep"))), max_size=3)
_join = st.tuples(st.sampled_from([(0, 1), (1, 0), (1, 2), (0, 2)]), st.sampled_from(["link", "likeness"]), _meanwhile)
_way = st.sampled_from(["unlink", "other_side", "wrong_patient"])


class Two:
    """One store. `people[n]` is the number the person n began with, `at` the moment of the next step."""

    def __init__(self, url: str) -> None:
        self.town = Town(Database(url), demo=True)
        self.at = datetime(2026, 3, 2, 9, tzinfo=UTC)
        self.papers = 0
        self.people: list[int] = []
        for n in range(3):
            self.document(n, SITES[0], "suspicion", False)
            self.people.append(self.town.rows("select max(id) from person")[0][0])

    def tick(self) -> None:
        self.at += timedelta(hours=1)

    def document(self, n: int, site: str, kind: str, other: bool) -> None:
        said = {"icd10": site} | ({"specialty": "oncologist"} if kind == "consultation" else {})
        self.papers += 1
        take(
            self.town.db,
            paper(f"{n}-{self.papers}", facts=[[kind, FIRST.isoformat(), said]], snils=NUMBERS[n], family=FAMILIES[n],
                  born=BORN[n], org=OTHER if other else CLINIC, address=f"дом {self.papers}"),
            at=self.at,
        )  # fmt: skip
        self.tick()

    def word(self, n: int, kind: str, site: str) -> None:
        about = {"refusal": {"of": "investigation", "documented": "written", "icd10": site},
                 "contact": {"outcome": "reached"}, "death": {"kind": "preliminary"}}[kind]  # fmt: skip
        with self.town.db.batch() as conn:
            facts.state(conn, 1, self.people[n], kind, FIRST, about, author="nina", at=self.at, evidence="person")
            persons.refresh(conn, 1, [self.people[n]])
        self.tick()

    def sweep(self) -> None:
        assert self.town.sweep(date(2026, 3, 10))["failed"] == 0

    def do(self, steps: list[tuple]) -> None:
        for name, *rest in steps:
            getattr(self, name)(*rest)

    def records(self, n: int) -> list[int]:
        found = self.town.rows(
            "select distinct s.id from subject s where s.snils = %s and s.source <> 'person' order by 1", NUMBERS[n]
        )
        return [row[0] for row in found]

    def now(self, n: int) -> int:
        with self.town.db.batch() as conn:
            return next(iter(persons.of_subjects(conn, 1, self.records(n))))

    def pair(self, one: int, other: int) -> int:
        with self.town.db.batch() as conn:
            row = conn.execute(
                """insert into likeness (region_id, subject_id, other_id, method, state, values_hash)
                   values (1, %s, %s, 'scored', 'review', 'x')
                   on conflict (region_id, subject_id, other_id) do update set state = 'review' returning id""",
                (self.records(one)[0], self.records(other)[0]),
            ).fetchone()
        return row.id

    def join(self, one: int, other: int, how: str) -> tuple[str, int]:
        pair = 0
        with self.town.db.batch() as conn:
            if how == "link":
                identity.link(conn, 1, self.now(one), self.now(other), reason="один", by="nina", at=self.at)
        if how == "likeness":
            pair = self.pair(one, other)
            with self.town.db.batch() as conn:
                matching.same(conn, 1, pair, by="nina", reason="один", at=self.at)
        self.tick()
        return how, pair

    def part(self, one: int, other: int, way: str, joined: tuple[str, int]) -> None:
        with self.town.db.batch() as conn:
            if joined[0] == "likeness":
                matching.different(conn, 1, joined[1], by="nina", reason="разные", at=self.at)
            elif way == "wrong_patient":
                (document,) = conn.execute(
                    "select min(id) from document where subject_id = %s", (self.records(other)[0],)
                ).fetchone()
                identity.wrong_patient(conn, 1, document, reason="ошибка", by="nina", at=self.at)
            else:
                leaves = other if way == "unlink" else one
                identity.unlink(
                    conn, 1, self.now(one), self.records(leaves), reason="ошибка", by="nina", at=self.at
                )  # fmt: skip
        self.tick()

    def stood(self) -> dict[str, list]:
        town, place = self.town, {person: n for n, person in enumerate(self.people)}

        def told(sql: str) -> list:
            return sorted([(place.get(row[0], row[0]), *row[1:]) for row in town.rows(sql)], key=repr)

        with town.db.batch() as conn:
            addresses = [
                place.get(persons.find(conn, 1, str(row[0])), -1)
                for row in conn.execute("select public_id from person where id = any(%s) order by id", (self.people,))
            ]
        return {
            "people": told("select id, family, birth_date, snils, died_on from person where merged_into is null"),
            "addresses": addresses,
            "facts": told("select s.person_id, f.kind, f.on_date, f.attributes::text, f.in_force from fact f"
                          " join subject s on s.id = f.subject_id"),
            "tasks": told("select person_id, pathway, rule, subject, icd10, due, level, owner_org, state from task"
                          " where closed_at is null"),
            "episodes": told("select person_id, pathway, icd10, state from pathway_view"),
            "scope": told("select person_id, org, reason from person_scope where reason <> 'task'"),
        }  # fmt: skip


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(early=_early, swept=st.booleans(), joins=st.lists(_join, min_size=1, max_size=2), way=_way)
def test_joined_and_parted_is_as_never_joined(fresh_url, early, swept, joins, way):
    one, never = Two(fresh_url("oncor_template")), Two(fresh_url("oncor_template"))
    for store in (one, never):
        store.do(early)
        if swept:
            store.sweep()
    for (a, b), how, meanwhile in joins:
        joined = one.join(a, b, how)
        never.tick()
        one.do(meanwhile)
        never.do(meanwhile)
        one.part(a, b, way, joined)
        never.tick()
    one.sweep()
    never.sweep()
    after, wanted = one.stood(), never.stood()
    for store in (one, never):
        store.town.db.close()
    for name in wanted:
        assert after[name] == wanted[name], name
