"""The tree being edited: fields in, fields out, and what the buttons do. The picture's numbers are those of the cells."""

from hypothesis import given
from hypothesis import strategies as st
from pyroaring import BitMap

from oncor_cases.contingents.expression import Group, Named, holds
from oncor_cases.contingents.overlap import cells
from oncor_cases.web import overlap_picture
from oncor_cases.web.expression_form import ROOT, Node, complete, empty, of_expression, of_fields

names = st.sampled_from(["alive", "sex:female", "c:1", ""])
trees = st.recursive(
    names.map(lambda n: Node(name=n)),
    lambda parts: st.builds(lambda op, of: Node(op=op, parts=of), st.sampled_from(["any", "all", "minus", "least"]),
                            st.lists(parts, min_size=1, max_size=3)),
    max_leaves=6,
).filter(lambda node: node.op)  # fmt: skip


def fields(node, path=ROOT):
    """What a browser would send for a tree."""
    if not node.op:
        return [(f"set.{path}", node.name)]
    own = [(f"op.{path}", node.op)] + ([(f"k.{path}", str(node.k))] if node.op == "least" else [])
    return own + [pair for n, part in enumerate(node.parts) for pair in fields(part, f"{path}.{n}")]


@given(trees)
def test_a_tree_survives_the_form(tree):
    assert of_fields(fields(tree)) == tree


@given(trees)
def test_what_is_complete_has_no_holes_and_can_be_edited_again(tree):
    whole = complete(tree)
    if whole is not None:
        again = complete(of_expression(whole))
        assert again == (Group("any", (whole,)) if isinstance(whole, Named) else whole)


def test_holes_say_nothing():
    assert complete(empty()) is None
    assert complete(Node(op="minus", parts=[Node(), Node(name="alive")])) is None, "nobody without somebody is nothing yet"
    assert complete(Node(op="minus", parts=[Node(name="alive"), Node()])) == Group("minus", (Named("alive"),))
    assert complete(Node(op="least", k=5, parts=[Node(name="alive")])) == Group("least", (Named("alive"),), 1)


def test_the_buttons():
    start = fields(empty())
    assert len(of_fields([*start, ("do", "add:r")]).parts) == 3
    assert of_fields([*start, ("do", "group:r")]).parts[2].op == "any"
    assert len(of_fields([*start, ("do", "drop:r.0")]).parts) == 1
    for nonsense in ("drop:r", "add:r.9", "add:r.0", "fly:r", "drop:x.1", "add:r.x", "drop:"):
        assert of_fields([*start, ("do", nonsense)]) == empty(), nonsense
    assert of_fields([]) == empty()


@given(st.lists(st.frozensets(st.integers(1, 40)), min_size=2, max_size=4))
def test_the_picture_has_no_number_the_table_has_not(sets):
    bits = [BitMap(s) for s in sets]
    found = cells(bits)
    picture = overlap_picture.draw(found, ["x"] * len(sets), [len(b) for b in bits], lambda among: holds("odd", among))
    drawn = sorted([n.text for n in picture.numbers] + [b.number for b in picture.bars])
    assert drawn == sorted(line.count for line in picture.lines)
    chosen = sum(1 for line in picture.lines if line.chosen)
    assert chosen == sum(n.chosen for n in picture.numbers) + sum(b.chosen for b in picture.bars)
    for bar in picture.bars:
        assert 0 <= bar.height <= 100
        assert bar.y + bar.height == 130


def test_the_first_question_leaves_no_empty_lists_behind():
    """The form of /contingents sends a clinic nobody chose; two lists stay even if neither is chosen."""
    asked = Node(
        op="minus", parts=[Node(op="all", parts=[Node("observed"), Node("alive"), Node()]), Node("register:oncology")]
    )
    tidy = of_fields([*fields(asked), ("do", "tidy")])
    assert [part.name for part in tidy.parts[0].parts] == ["observed", "alive"]
    assert len(of_fields([*fields(empty()), ("do", "tidy")]).parts) == 2
