"""The diagrams of a state machine with some of its containers folded."""

from __future__ import annotations

import re
from itertools import pairwise

from workflow_dsl.definition.machine import Machine
from workflow_dsl.studio.pictures import folded_pictures, pictures_of


def nested(names: list[str]) -> Machine:
    """A machine of one Map after another, each with a state inside."""
    states = {
        name: {
            "Type": "Map",
            "ItemProcessor": {"StartAt": f"In {name}", "States": {f"In {name}": {"Type": "Succeed"}}},
            **({"Next": after} if after else {"End": True}),
        }
        for name, after in pairwise([*names, ""])
    }
    return Machine({"StartAt": names[0], "States": states})


def states_in(picture: object) -> set[str]:
    return set(re.findall('data-state="([^"]+)"', str(picture)))


def test_a_page_begins_with_the_whole_and_with_each_container_alone() -> None:
    shown = {part: states_in(picture) for part, picture in pictures_of(nested(["A", "B"]), "M").items()}
    assert shown == {"": {"A", "In%20A", "B", "In%20B"}, "A": {"A", "In%20A"}, "B": {"B", "In%20B"}}


def test_few_containers_have_a_picture_of_every_folding() -> None:
    shown = [(each["names"], states_in(each["picture"])) for each in folded_pictures(nested(["A", "B"]), "M")]
    assert shown == [(["A"], {"A", "B", "In%20B"}), (["B"], {"A", "In%20A", "B"}), (["A", "B"], {"A", "B"})]


def test_of_many_containers_each_can_be_folded_and_unfolded() -> None:
    names = [*"ABCD"]
    drawn = [each["names"] for each in folded_pictures(nested(names), "M")]
    others = [[other for other in names if other != name] for name in names]
    assert sorted(drawn) == sorted([*([name] for name in names), *others, names])


def test_without_containers_there_is_nothing_to_fold() -> None:
    assert folded_pictures(Machine({"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}), "M") == []
