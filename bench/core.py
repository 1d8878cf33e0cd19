"""The rule core alone: cases a second on one core, from timelines in memory to actions."""

from time import perf_counter

from bench import measure
from bench.cases import TODAY, timeline
from oncor_cases.actions.evaluation import NOTHING, Rules, judge, look
from oncor_cases.sources.seeds import default_calendar, default_rulebook


def run(cases: int) -> None:
    rules = Rules(default_rulebook(), default_calendar())
    made = [timeline(n) for n in range(cases)]
    facts = sum(len(t.facts) for t in made)
    for t in made[:200]:
        judge(look(t, TODAY, rules, ()), NOTHING, rules)  # caches of the rule book are warm in a sweep
    began = perf_counter()
    actions = sum(len(judge(look(t, TODAY, rules, ()), NOTHING, rules).actions) for t in made)
    seconds = perf_counter() - began
    began = perf_counter()
    for t in made:
        look(t, TODAY, rules, ())
    looked = perf_counter() - began
    measure.show(
        "Ядро правил, один процесс",
        [
            ("случаев, фактов", f"{cases:,} · {facts:,}"),
            ("пути (follow), случаев в секунду", f"{cases / looked:,.0f}"),
            ("пути, желания и сверка, случаев в секунду", f"{cases / seconds:,.0f}"),
            ("открыто задач", f"{actions:,}"),
            ("память, пик, МБ", measure.peak_mb()),
        ],
        goal="20 000 случаев в секунду на ядро",
    )
