"""What the SDK forgets is noted."""

from __future__ import annotations

from pathlib import Path

from workflow_dsl.authoring import sdk
from workflow_dsl.findings import Place


def test_the_door_notes_the_line_that_made_a_block() -> None:
    from stepfunctions.steps import Retry, Task

    task = Task("T", resource="r", retry=Retry(error_equals=["States.ALL"]))
    here = Path(__file__)
    line = (
        here.read_text()
        .splitlines()
        .index('    task = Task("T", resource="r", retry=Retry(error_equals=["States.ALL"]))')
        + 1
    )
    assert sdk.place_of(task) == sdk.place_of(task.retries[0]) == Place(str(here), line)


def test_what_was_made_elsewhere_has_no_place() -> None:
    assert sdk.place_of(object()) is None


def test_a_recording_holds_the_states_made_in_it_and_no_others() -> None:
    from stepfunctions.steps import Pass, Retry

    Pass("Before")
    with sdk.recording() as made:
        inside = Pass("Inside")
        Retry(error_equals=["States.ALL"])
    Pass("After")
    assert made == [inside]
