"""layout.py: whatever the graph, nothing overlaps, nothing is crossed, nothing is cut off."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from workflow_dsl.views.diagram.layout import Layout, Link, Point, Size, laid_out

_Rectangle = tuple[float, float, float, float]
SIZES = st.tuples(st.floats(20, 260), st.floats(20, 300)).map(lambda size: (round(size[0]), round(size[1])))
LABELS = st.none() | st.tuples(st.integers(10, 200), st.integers(12, 60)).map(
    lambda size: (float(size[0]), float(size[1]))
)


@st.composite
def graphs(draw: st.DrawFn) -> tuple[dict[str, Size], list[Link]]:
    """Boxes and lines between them at will: loops, several lines between two boxes, boxes apart."""
    count = draw(st.integers(1, 12))
    boxes: dict[str, Size] = {f"b{number}": draw(SIZES) for number in range(count)}
    names = st.sampled_from(list(boxes))
    lines = st.builds(Link, names, names, st.sampled_from(["", "catch"]), LABELS, st.booleans())
    ends = lambda link: (link.source, link.target, link.bundle)  # noqa: E731
    return boxes, draw(st.lists(lines, max_size=3 * count, unique_by=ends))


def rectangle(corner: Point, size: Size) -> _Rectangle:
    return corner[0], corner[1], corner[0] + size[0], corner[1] + size[1]


def overlap(one: _Rectangle, other: _Rectangle) -> bool:
    return one[0] < other[2] - 0.1 and other[0] < one[2] - 0.1 and one[1] < other[3] - 0.1 and other[1] < one[3] - 0.1


def placed_labels(layout: Layout) -> dict[Link, _Rectangle]:
    found = {}
    for link, (x, y) in layout.labels.items():
        assert link.label
        wide, high = link.label
        found[link] = (x - wide / 2, y - high / 2, x + wide / 2, y + high / 2)
    return found


@given(graphs())
def test_boxes_and_labels_overlap_nothing_and_lie_within_the_size(graph: tuple[dict[str, Size], list[Link]]) -> None:
    boxes, links = graph
    layout = laid_out(boxes, links)
    rectangles = [rectangle(layout.boxes[name], size) for name, size in boxes.items()]
    rectangles += placed_labels(layout).values()
    assert [pair for pair in combinations(rectangles, 2) if overlap(*pair)] == []
    within = (-0.1, -0.1, layout.size[0] + 0.1, layout.size[1] + 0.1)
    assert all(within[0] <= each[0] and within[1] <= each[1] for each in rectangles)
    assert all(each[2] <= within[2] and each[3] <= within[3] for each in rectangles)


@given(graphs())
def test_no_line_goes_through_a_box(graph: tuple[dict[str, Size], list[Link]]) -> None:
    boxes, links = graph
    layout = laid_out(boxes, links)
    rectangles = {name: rectangle(layout.boxes[name], size) for name, size in boxes.items()}
    for link in links:
        for stretch in layout.lines[link] if link.source != link.target else ():
            (x, y), (_, leaves), (to_x, arrives), (_, to_y) = stretch.points
            straight = [(x, min(y, leaves), x, max(y, leaves)), (to_x, min(arrives, to_y), to_x, max(arrives, to_y))]
            bent = (min(x, to_x), min(leaves, arrives), max(x, to_x), max(leaves, arrives))
            crossed = [
                name for name, box in rectangles.items() if any(overlap(part, box) for part in (*straight, bent))
            ]
            assert crossed == [], (link, stretch)


@given(graphs())
def test_every_line_ends_at_its_box_once_and_every_label_is_placed(graph: tuple[dict[str, Size], list[Link]]) -> None:
    boxes, links = graph
    layout = laid_out(boxes, links)
    assert {link for link in links if link.label} == set(layout.labels)
    ends = {(stretch.points[-1]) for stretches in layout.lines.values() for stretch in stretches if stretch.ends}
    for link in links:
        left, top, right, bottom = rectangle(layout.boxes[link.target], boxes[link.target])
        assert any(left - 0.1 <= x <= right + 0.1 and top - 0.1 <= y <= bottom + 0.1 for x, y in ends), link


def test_a_chain_stands_straight_one_below_the_other() -> None:
    boxes = {name: (float(width), 40.0) for name, width in (("a", 100), ("b", 200), ("c", 60))}
    links = [Link("a", "b", "", None, True), Link("b", "c", "", None, True)]
    layout = laid_out(boxes, links)
    assert [layout.boxes[name][0] + boxes[name][0] / 2 for name in "abc"] == [100, 100, 100]
    assert [layout.boxes[name][1] for name in "abc"] == sorted(layout.boxes[name][1] for name in "abc")
    assert layout.size == (200.0, layout.boxes["c"][1] + 40)


def test_lines_to_one_box_share_a_trunk_that_is_drawn_once() -> None:
    boxes = dict.fromkeys(("a", "b", "c", "d", "e"), (80.0, 40.0))
    down = [Link(one, other, "", None, True) for one, other in ("ab", "bc", "cd", "de")]
    failing = [Link(name, "e", "catch") for name in ("a", "b")]
    layout = laid_out(boxes, [*down, *failing])
    first, second = (layout.lines[link] for link in failing)
    assert (len(first), len(second)) == (4, 1)
    assert first[1].points[-1] == second[0].points[-1]


def test_the_same_graph_is_laid_out_the_same() -> None:
    boxes = dict.fromkeys("abcdef", (80.0, 40.0))
    links = [Link(one, other, "", (30.0, 14.0)) for one, other in ("ab", "ac", "bd", "cd", "da", "ef")]
    assert laid_out(boxes, links) == laid_out(dict(boxes), list(links))


def test_nothing_has_no_size() -> None:
    assert laid_out({}, []) == Layout((0.0, 0.0), {}, {}, {})
