"""layout.py: in any graph no two boxes or labels overlap, no line crosses a box, and nothing is cut off."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from workflow_dsl.views.diagram.layout import Layout, Link, Point, Size, lay_out

_Rectangle = tuple[float, float, float, float]
SIZES = st.tuples(st.floats(20, 260), st.floats(20, 300)).map(lambda size: (round(size[0]), round(size[1])))
LABELS = st.none() | st.tuples(st.integers(10, 200), st.integers(12, 60)).map(
    lambda size: (float(size[0]), float(size[1]))
)


@st.composite
def graphs(draw: st.DrawFn) -> tuple[dict[str, Size], list[Link]]:
    """Any boxes and lines: loops, several lines between two boxes, boxes without lines."""
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


def label_rectangles(layout: Layout) -> dict[Link, _Rectangle]:
    rectangles = {}
    for link, (x, y) in layout.labels.items():
        assert link.label
        width, height = link.label
        rectangles[link] = (x - width / 2, y - height / 2, x + width / 2, y + height / 2)
    return rectangles


@given(graphs())
def test_boxes_and_labels_do_not_overlap_and_lie_within_the_size(graph: tuple[dict[str, Size], list[Link]]) -> None:
    boxes, links = graph
    layout = lay_out(boxes, links)
    rectangles = [rectangle(layout.boxes[name], size) for name, size in boxes.items()]
    rectangles += label_rectangles(layout).values()
    assert [pair for pair in combinations(rectangles, 2) if overlap(*pair)] == []
    assert all(left >= -0.1 and top >= -0.1 for left, top, _, _ in rectangles)
    width, height = layout.size
    assert all(right <= width + 0.1 and bottom <= height + 0.1 for _, _, right, bottom in rectangles)


@given(graphs())
def test_no_line_crosses_a_box(graph: tuple[dict[str, Size], list[Link]]) -> None:
    boxes, links = graph
    layout = lay_out(boxes, links)
    rectangles = {name: rectangle(layout.boxes[name], size) for name, size in boxes.items()}
    for link in links:
        for curve in layout.lines[link] if link.source != link.target else ():
            (x, y), (_, start), (to_x, end), (_, to_y) = curve.points
            straight = [(x, min(y, start), x, max(y, start)), (to_x, min(end, to_y), to_x, max(end, to_y))]
            bend = (min(x, to_x), min(start, end), max(x, to_x), max(start, end))
            crossed = [
                name for name, box in rectangles.items() if any(overlap(part, box) for part in (*straight, bend))
            ]
            assert crossed == [], (link, curve)


@given(graphs())
def test_every_line_ends_at_its_target_and_every_label_has_a_position(
    graph: tuple[dict[str, Size], list[Link]],
) -> None:
    boxes, links = graph
    layout = lay_out(boxes, links)
    assert {link for link in links if link.label} == set(layout.labels)
    ends = {curve.points[-1] for curves in layout.lines.values() for curve in curves if curve.has_arrow}
    for link in links:
        left, top, right, bottom = rectangle(layout.boxes[link.target], boxes[link.target])
        assert any(left - 0.1 <= x <= right + 0.1 and top - 0.1 <= y <= bottom + 0.1 for x, y in ends), link


def test_the_boxes_of_a_chain_are_centered_below_each_other() -> None:
    boxes = {name: (float(width), 40.0) for name, width in (("a", 100), ("b", 200), ("c", 60))}
    links = [Link("a", "b", "", None, True), Link("b", "c", "", None, True)]
    layout = lay_out(boxes, links)
    assert [layout.boxes[name][0] + boxes[name][0] / 2 for name in "abc"] == [100, 100, 100]
    assert [layout.boxes[name][1] for name in "abc"] == sorted(layout.boxes[name][1] for name in "abc")
    assert layout.size == (200.0, layout.boxes["c"][1] + 40)


def test_lines_of_a_bundle_to_one_box_share_a_trunk_that_is_drawn_once() -> None:
    boxes = dict.fromkeys(("a", "b", "c", "d", "e"), (80.0, 40.0))
    down = [Link(source, target, "", None, True) for source, target in ("ab", "bc", "cd", "de")]
    catchers = [Link(name, "e", "catch") for name in ("a", "b")]
    layout = lay_out(boxes, [*down, *catchers])
    first, second = (layout.lines[link] for link in catchers)
    assert (len(first), len(second)) == (4, 1)
    assert first[1].points[-1] == second[0].points[-1]


def test_the_same_graph_always_has_the_same_layout() -> None:
    boxes = dict.fromkeys("abcdef", (80.0, 40.0))
    links = [Link(source, target, "", (30.0, 14.0)) for source, target in ("ab", "ac", "bd", "cd", "da", "ef")]
    assert lay_out(boxes, links) == lay_out(dict(boxes), list(links))


def test_an_empty_graph_has_no_size() -> None:
    assert lay_out({}, []) == Layout((0.0, 0.0), {}, {}, {})
