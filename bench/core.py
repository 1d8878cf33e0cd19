"""The rule core alone: cases a second on one core, from timelines in memory to actions."""

import gc
from time import perf_counter, process_time

from bench import measure
from bench.cases import TODAY, timeline
from oncor_cases import compiled
from oncor_cases.actions.evaluation import NOTHING, Rules, judge, look
from oncor_cases.actions.sweep import RARELY
from oncor_cases.sources.seeds import default_calendar, default_rulebook


def run(cases: int) -> None:
    rules = Rules(default_rulebook(), default_calendar())
    made = [timeline(n) for n in range(cases)]
    facts = sum(len(t.facts) for t in made)
    ways = sum(len(look(t, TODAY, rules, ()).views) for t in made)
    for t in made[:200]:
        judge(look(t, TODAY, rules, ()), NOTHING, rules)  # caches of the rule book are warm in a sweep
    gc.freeze()
    gc.set_threshold(*RARELY)  # as a sweep does
    began, spent = perf_counter(), process_time()
    actions = sum(len(judge(look(t, TODAY, rules, ()), NOTHING, rules).actions) for t in made)
    seconds, judged = perf_counter() - began, process_time() - spent
    began, spent = perf_counter(), process_time()
    for t in made:
        look(t, TODAY, rules, ())
    passed, looked = perf_counter() - began, process_time() - spent
    measure.show(
        "Ядро правил, один процесс",
        [
            ("пациентов, фактов", f"{cases:,} · {facts:,}"),
            ("случаев на путях (человек × путь × эпизод)", f"{ways:,}"),
            ("ядро", compiled.told()),
            ("пути (follow), случаев на путях в секунду ЦП", f"{ways / looked:,.0f}"),
            ("пути (follow), пациентов в секунду ЦП · часов", f"{cases / looked:,.0f} · {cases / passed:,.0f}"),
            ("пути, желания и сверка, пациентов в секунду ЦП · часов", f"{cases / judged:,.0f} · {cases / seconds:,.0f}"),
            ("открыто задач", f"{actions:,}"),
            ("память, пик, МБ", measure.peak_mb()),
        ],
        goal="20 000 случаев в секунду на ядро",
    )
