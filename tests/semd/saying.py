"""What a document says, for assertions."""

from oncor_cases.sources.semd import read


def told(data):
    """Facts as (kind, day, attributes)."""
    found = read(data)
    assert found.status == "read", found.problems
    assert not [p for p in found.problems if p.code in ("internal", "bad_attribute", "unknown_fact")], found.problems
    return [(f.kind, f.on, dict(f.attributes)) for f in found.facts]


def one(data, kind):
    """The only fact of a kind: (day, attributes)."""
    found = [(on, attributes) for name, on, attributes in told(data) if name == kind]
    assert len(found) == 1, told(data)
    return found[0]


def kinds(data):
    return [name for name, _, _ in told(data)]
