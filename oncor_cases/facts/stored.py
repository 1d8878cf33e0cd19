"""Facts out of the rows of the store: pure, so that it is compiled with the core (docs/adr/0019)."""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from oncor_cases.facts.fact import Fact


def stored(row: tuple[Any, ...]) -> Fact:
    """A row of store/facts.py as a fact; columns in the order of its query."""
    (_, id, kind, on, partial, known, attributes, certainty, evidence, document, links, path, author) = row[:13]
    set_id, version, sender, withdrawn = row[13:]
    doc = str(document) if document is not None else ""
    return Fact(
        str(id), kind, on, known, _attributes(attributes), partial, certainty, evidence, doc,
        f"{sender}|{set_id}" if set_id else "", version, withdrawn, tuple(links),
        f"{doc}#{path}" if doc else "", author,
    )  # fmt: skip


@lru_cache(maxsize=16_384)
def _attributes(text: str) -> Mapping[str, Any]:
    """Attributes out of JSON; the same words come again and again, so a sweep reads each only once."""
    return {k: tuple(v) if type(v) is list else v for k, v in json.loads(text).items()}  # the vocabulary has tuples
