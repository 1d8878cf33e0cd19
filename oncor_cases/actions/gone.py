"""Has the patient died or left the region, as the pathways see it, and by whose word? Whoever has is not called."""

from dataclasses import dataclass
from datetime import date

from oncor_cases.store import facts
from oncor_cases.store.session import Connection
from oncor_cases.workflows.catalogue import rounds

DEATH, AWAY = "death", "moved_away"


@dataclass(frozen=True, slots=True)
class Gone:
    """`kind`: death or moved_away; `on`: since when; `facts` say so, the strongest evidence first; `said`: statements of
    people here, which may be taken back; `region`: where to, if it is known."""

    kind: str
    on: date
    facts: tuple[str, ...]
    evidence: str
    said: tuple[int, ...] = ()
    region: str = ""

    def refusal(self) -> str:
        """Why nothing is to be agreed with the patient after that day, and the way back."""
        if self.kind == DEATH:
            return (
                f"По записям пациент умер {self.on:%d.%m.%Y}: после этого дня записать такое нельзя. Если запись ошибочна, "
                "отметьте «Запись о смерти ошибочна»"
            )
        back = "отметьте «Не выезжал или вернулся»" if self.said else "его вернёт в работу явка или прикрепление здесь"
        return f"По записям пациент выехал {self.on:%d.%m.%Y}: звонки и записи прекращены. Если он здесь, {back}"


def gone(conn: Connection, region: int, person: int, today: date) -> Gone | None:
    """What is in force now about the end of the care here; None of a patient who is here."""
    timeline = dict(facts.timelines(conn, region, [person])).get(person)
    if timeline is None:
        return None
    seen = rounds(timeline, today, date.max)[1]
    event, kind = (seen.death, DEATH) if seen.death is not None else (seen.departure, AWAY)
    if event is None:
        return None
    said = tuple(int(f.id) for f in timeline.facts if f.kind == kind and f.evidence == "person" and not f.doc)
    where = str(event.attributes.get("region") or "") if event.kind == AWAY else ""
    return Gone(kind, event.on, event.facts, event.evidence, said, where)
