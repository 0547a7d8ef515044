"""The studio in a real browser: Chromium, headless. `tox -e browser` runs it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from selenium.webdriver import ActionChains, Chrome, ChromeOptions, ChromeService
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from tests.studio.conftest import BY_HAND, HANDLER, template
from workflow_dsl.local.saved_coverage import FILE

WORKFLOW = """\
from stepfunctions.steps import Choice, ChoiceRule, Fail, Pass, Retry, Task
from workflow_dsl import Workflow

def build():
    check = Task("Check", resource="${CheckArn}", retry=Retry(error_equals=["Busy"], max_attempts=2))
    check.next(Pass("<script>alert(1)</script>"))
    return Workflow(check)
"""
AXE = Path(os.environ.get("NODE_PACKAGES", "")) / "node_modules" / "axe-core" / "axe.min.js"
Open = Callable[..., Chrome]


@pytest.fixture(scope="module")
def driver() -> Iterator[Chrome]:
    browser, server = shutil.which("chromium"), shutil.which("chromedriver")
    if not browser or not server:
        pytest.skip("needs chromium and chromedriver: apt-get install chromium chromium-driver")
    options = ChromeOptions()
    options.binary_location = browser
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1280,800"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    chrome = Chrome(options, ChromeService(server))
    try:
        yield chrome
    finally:
        chrome.quit()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project with a workflow in Python and a definition by hand."""
    (tmp_path / "workflows").mkdir()
    (tmp_path / "functions").mkdir()
    (tmp_path / "workflows" / "trade.py").write_text(WORKFLOW)
    (tmp_path / "functions" / "app.py").write_text(HANDLER)
    (tmp_path / "loop.asl.json").write_text(json.dumps(BY_HAND))
    (tmp_path / "template.yaml").write_text(json.dumps(template()))
    (tmp_path / "pyproject.toml").write_text("[tool.workflow-dsl]\n")
    return tmp_path


@pytest.fixture
def live(driver: Chrome, folder: Path) -> Iterator[Chrome]:
    """The live page of the project."""
    command = [sys.executable, "-m", "workflow_dsl", "studio"]
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        driver.get(process.stdout.readline().strip())
        yield driver
        assert errors_of(driver) == []
    finally:
        driver.get("about:blank")
        process.terminate()
        process.communicate(timeout=20)


def errors_of(driver: Chrome) -> list[str]:
    return [entry["message"] for entry in driver.get_log("browser") if entry["level"] == "SEVERE"]  # type: ignore[no-untyped-call]


def wait_for(driver: Chrome, condition: Callable[[], Any]) -> Any:
    return WebDriverWait(driver, 30, 0.05).until(lambda _: condition())


def text_of(driver: Chrome, id_: str) -> str:
    return driver.find_element(By.ID, id_).text


def status_of(driver: Chrome, state: str) -> str | None:
    return driver.find_element(By.CSS_SELECTOR, f'[data-mark="{quote(state, safe="")}"]').get_attribute("data-status")


def press(driver: Chrome, label: str) -> None:
    driver.find_element(By.XPATH, f'//button[starts-with(normalize-space(), "{label}")]').click()


def test_a_click_on_a_state_shows_it(live: Chrome) -> None:
    live.find_element(By.CSS_SELECTOR, '[data-state="Check"] .name').click()
    wait_for(live, lambda: "def handler(event, context)" in text_of(live, "details"))
    assert live.current_url.endswith("#Trade/Check")
    assert "lambda:InvokeFunction on !GetAtt Check.Arn" in text_of(live, "details")


def test_a_run_plays_and_ends_on_its_last_state(live: Chrome) -> None:
    press(live, "Run")
    wait_for(live, lambda: "Run succeeded" in text_of(live, "status"))
    wait_for(live, lambda: status_of(live, "<script>alert(1)</script>") == "succeeded")
    wait_for(live, lambda: "ExecutionSucceeded" in text_of(live, "details"))


def test_a_failed_run_ends_on_the_failed_state(live: Chrome) -> None:
    live.find_element(By.CSS_SELECTOR, '[data-state="Check"] .name').click()
    kind = wait_for(live, lambda: live.find_element(By.CSS_SELECTOR, '[aria-label="Result of Check in the next run"]'))
    kind.send_keys("Fail with")
    live.find_element(By.CSS_SELECTOR, '[aria-label="Error, or result as JSON"]').send_keys("Broken")
    press(live, "Trade")
    wait_for(live, lambda: "Check: fails with Broken" in text_of(live, "details"))
    press(live, "Run")
    wait_for(live, lambda: status_of(live, "Check") == "failed")
    assert status_of(live, "<script>alert(1)</script>") == "idle"


def test_the_coverage_of_the_last_tests_shows_on_the_diagram(live: Chrome, folder: Path) -> None:
    file = folder / FILE
    file.parent.mkdir(parents=True)
    machines = {"trade": {"definition": "", "covered": [["transition", "", "Check"]]}}
    file.write_text(json.dumps({"time": "2026-01-31T10:00:00+00:00", "machines": machines}))
    wait_for(live, lambda: live.find_elements(By.XPATH, '//button[.="Test coverage"]'))
    press(live, "Test coverage")
    labels = live.execute_script("return [...document.querySelectorAll('.mark .count')].map(each => each.textContent)")
    assert labels == ["2 parts not run", "not run"]
    assert "40% run" in text_of(live, "details")
    assert "The definition has changed since" in text_of(live, "details")


def test_a_saved_file_shows_at_once_and_a_mistake_keeps_the_picture(live: Chrome, folder: Path) -> None:
    path = folder / "workflows" / "trade.py"
    path.write_text(WORKFLOW.replace('"Check"', '"Check Again"'))
    wait_for(live, lambda: live.find_elements(By.CSS_SELECTOR, '[data-state="Check%20Again"]'))
    path.write_text(f"{WORKFLOW}\nraise ValueError('oops')\n")
    wait_for(live, lambda: "oops" in text_of(live, "details"))
    assert "workflows/trade.py:9" in text_of(live, "details")
    assert live.find_elements(By.CSS_SELECTOR, '[data-state="Check%20Again"]')


def test_the_page_keeps_its_place_while_the_template_is_away(live: Chrome, folder: Path) -> None:
    live.execute_script("location.hash = '#Loop/Item'")
    wait_for(live, lambda: live.find_elements(By.CSS_SELECTOR, '[data-state="Item"].chosen'))
    away = (folder / "template.yaml").rename(folder / "away")
    wait_for(live, lambda: not live.find_elements(By.CSS_SELECTOR, '[data-state="Item"]'))
    away.rename(folder / "template.yaml")
    wait_for(live, lambda: live.find_elements(By.CSS_SELECTOR, '[data-state="Item"].chosen'))


def test_names_are_text_wherever_they_are(live: Chrome) -> None:
    live.find_element(By.ID, "search").send_keys("script")
    wait_for(live, lambda: "<script>alert(1)</script> (Trade)" in text_of(live, "found"))
    live.find_element(By.CSS_SELECTOR, "#found button").click()
    wait_for(live, lambda: text_of(live, "details").startswith("<script>alert(1)</script>"))


def test_a_foreign_page_cannot_ask_the_server(live: Chrome, folder: Path) -> None:
    address = live.current_url.partition("#")[0]
    foreign = folder / "foreign.html"
    foreign.write_text("<title>foreign</title>")
    live.get(foreign.as_uri())
    script = f"fetch({json.dumps(address + 'run')}, {{method: 'POST', body: '{{}}'}}).then(() => arguments[0]('answered'), () => arguments[0]('refused'))"
    assert live.execute_async_script(script) == "refused"
    errors_of(live)  # the browser's own report of the refusal


@pytest.fixture
def saved(driver: Chrome, folder: Path) -> Iterator[Chrome]:
    """The page as a file."""
    command = [sys.executable, "-m", "workflow_dsl", "studio", "--static", "site"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    driver.get((folder / "site" / "index.html").as_uri())
    yield driver
    assert errors_of(driver) == []
    driver.get("about:blank")


def events(count: int) -> list[dict[str, Any]]:
    """An execution that enters and leaves Check over and over."""
    started = {"id": 1, "type": "ExecutionStarted", "timestamp": 0, "executionStartedEventDetails": {"input": "{}"}}
    kinds = (("TaskStateEntered", "stateEnteredEventDetails"), ("TaskStateExited", "stateExitedEventDetails"))
    visits = [
        {"id": id_, "previousEventId": id_ - 1, "type": type_, "timestamp": id_, details: {"name": "Check"}}
        for id_ in range(2, count)
        for type_, details in [kinds[id_ % 2]]
    ]
    failed = {"id": count, "previousEventId": count - 1, "type": "ExecutionFailed", "timestamp": count}
    return [started, *visits, failed]


def play(driver: Chrome, recording: Any, file: Path) -> None:
    file.write_text(json.dumps(recording))
    driver.find_element(By.CSS_SELECTOR, '#toolbar input[type="file"]').send_keys(str(file))


def test_a_page_from_disk_plays_a_recording_that_is_dropped_on_it(saved: Chrome, folder: Path) -> None:
    play(saved, {"events": events(25_000)}, folder / "events.json")
    wait_for(saved, lambda: status_of(saved, "Check") == "failed")
    assert "25000 of 25000" in saved.find_element(By.CSS_SELECTOR, "#player output").text
    assert len(saved.find_elements(By.CSS_SELECTOR, ".rows li")) < 40  # the rows in sight


def test_the_slider_goes_back_to_the_beginning(saved: Chrome, folder: Path) -> None:
    play(saved, {"events": events(6)}, folder / "events.json")
    wait_for(saved, lambda: status_of(saved, "Check") == "failed")
    saved.execute_script(
        "const s = document.querySelector('#player input[type=range]'); s.value = 0; s.dispatchEvent(new Event('input'))"
    )
    wait_for(saved, lambda: status_of(saved, "Check") == "idle")


def test_a_state_that_was_retried_and_caught_shows_both(saved: Chrome, folder: Path) -> None:
    kinds = [
        "ExecutionStarted",
        "TaskStateEntered",
        "TaskScheduled",
        "TaskFailed",
        "TaskScheduled",
        "TaskFailed",
        "TaskStateExited",
    ]
    named = {"TaskStateEntered": "stateEnteredEventDetails", "TaskStateExited": "stateExitedEventDetails"}
    recorded = [
        {
            "id": id_,
            "previousEventId": id_ - 1,
            "type": type_,
            "timestamp": id_,
            **({named[type_]: {"name": "Check"}} if type_ in named else {}),
        }
        for id_, type_ in enumerate(kinds, 1)
    ]
    shown = []
    play(saved, {"events": recorded[::-1]}, folder / "events.json")
    wait_for(saved, lambda: status_of(saved, "Check") == "caught")
    for index in range(len(kinds)):
        saved.execute_script("studio.player.index = arguments[0]; studio.player.draw()", index)
        shown.append(
            (
                status_of(saved, "Check"),
                saved.find_element(By.CSS_SELECTOR, "[data-mark=Check] .count").get_attribute("textContent"),
            )
        )
    assert shown == [
        ("idle", ""), ("busy", ""), ("busy", ""), ("busy", ""), ("busy", "1\u00d7 ↻1"), ("busy", "1\u00d7 ↻1"), ("caught", "1\u00d7 ↻1")
    ]  # fmt: skip


def test_what_is_no_execution_is_refused_in_words(saved: Chrome, folder: Path) -> None:
    play(saved, {"StartAt": "A"}, folder / "events.json")
    wait_for(saved, lambda: "This is not an execution history" in text_of(saved, "details"))


def violations(driver: Chrome, width: int) -> list[tuple[str, str]]:
    """What axe-core finds in light and dark, and a page that is wider than the window."""
    if not AXE.is_file():
        pytest.skip("NODE_PACKAGES names no folder with axe-core; `tox -e browser` installs it")
    size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": False}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    found = []
    for theme in ("light", "dark"):
        script = "const theme = document.getElementById('theme'); theme.value = arguments[0]; theme.dispatchEvent(new Event('change'))"
        driver.execute_script(script, theme)
        driver.execute_script(AXE.read_text("utf-8"))
        result = driver.execute_async_script("axe.run().then(arguments[0])")
        found += [(theme, violation["id"]) for violation in result["violations"]]
    if driver.execute_script("return document.documentElement.scrollWidth > innerWidth"):
        found.append(("", "wider than the window"))
    driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    return found


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("page", ["#Trade/Check", "#Loop", "#map", "#findings"])
def test_axe_finds_no_violation_in_light_and_dark(saved: Chrome, page: str, width: int) -> None:
    saved.execute_script("location.hash = arguments[0]", page)
    assert violations(saved, width) == []


@pytest.mark.parametrize("width", [320, 1280])
def test_axe_finds_no_violation_in_a_replay(saved: Chrome, folder: Path, width: int) -> None:
    play(saved, {"events": events(9)}, folder / "events.json")
    wait_for(saved, lambda: "ExecutionFailed" in text_of(saved, "details"))
    assert violations(saved, width) == []


def compare(driver: Chrome, old: str, new: str) -> None:
    press(driver, "Compare...")
    for label, name in (("Old definition", old), ("New definition", new)):
        field = driver.find_element(By.CSS_SELECTOR, f'[aria-label="{label}"]')
        field.clear()
        field.send_keys(name)
    driver.find_element(By.CSS_SELECTOR, "#details form button").click()
    wait_for(driver, lambda: f"{old} and {new}" in text_of(driver, "details"))


def test_a_comparison_and_an_execution_take_turns(live: Chrome) -> None:
    compare(live, "Loop", "Trade")
    press(live, "Trade")
    press(live, "Run")
    wait_for(live, lambda: "Run succeeded" in text_of(live, "status"))
    assert not live.find_elements(By.XPATH, '//button[.="Close the comparison"]')
    assert status_of(live, "Check") == "succeeded"
    compare(live, "Loop", "Trade")
    assert not live.find_element(By.ID, "player").is_displayed()


@pytest.mark.parametrize("width", [320, 1280])
def test_axe_finds_no_violation_in_the_forms_and_a_comparison(live: Chrome, width: int) -> None:
    live.execute_script("location.hash = '#Loop'")
    wait_for(live, lambda: live.find_elements(By.ID, "input"))
    found = violations(live, width)
    press(live, "Compare...")
    found += violations(live, width)
    compare(live, "Loop", "Trade")
    assert found + violations(live, width) == []


ODD = [
    "</style><b>", "]]>", "</script>", '"quoted" & \'single\'', "שלום", "\u202eright to left", "🚀 été", "A" * 80, "__proto__",
    "constructor",
]  # fmt: skip


def test_odd_names_are_shown_as_they_are(driver: Chrome, folder: Path) -> None:
    states = {name: {"Type": "Pass", "End": True} for name in ODD}
    (folder / "loop.asl.json").write_text(json.dumps({"StartAt": ODD[0], "States": states}))
    command = [sys.executable, "-m", "workflow_dsl", "studio", "--static", "site"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    driver.get((folder / "site" / "index.html").as_uri() + "#Loop")
    listed = [each.get_attribute("textContent") for each in driver.find_elements(By.CSS_SELECTOR, "#states button")]
    drawn = [each.get_attribute("data-state") for each in driver.find_elements(By.CSS_SELECTOR, "[data-state]")]
    assert (listed, drawn) == (ODD, [quote(name, safe="") for name in ODD])
    for index, name in enumerate(ODD):
        driver.find_elements(By.CSS_SELECTOR, "#states button")[index].click()
        wait_for(driver, partial(driver.execute_script, "return document.title.startsWith(arguments[0])", name.strip()))
        assert driver.find_element(By.CSS_SELECTOR, "#details h2").get_attribute("textContent") == name
    assert errors_of(driver) == []


def test_the_focus_stays_on_a_state_that_is_chosen_by_the_keyboard(saved: Chrome) -> None:
    saved.find_element(By.CSS_SELECTOR, '#states [data-name="Check"]').send_keys("\n")
    wait_for(saved, lambda: text_of(saved, "details").startswith("Check"))
    assert saved.switch_to.active_element.get_attribute("data-name") == "Check"


def test_what_is_typed_stays_when_a_file_is_saved(live: Chrome, folder: Path) -> None:
    field = live.find_element(By.ID, "input")
    field.clear()
    field.send_keys('{"a": 1')
    (folder / "workflows" / "trade.py").write_text(WORKFLOW.replace('"Check"', '"Check Again"'))
    wait_for(live, lambda: live.find_elements(By.CSS_SELECTOR, '[data-state="Check%20Again"]'))
    live.switch_to.active_element.send_keys("}")
    assert live.find_element(By.ID, "input").get_attribute("value") == '{"a": 1}'


def test_an_execution_is_played_on_the_state_machine_that_has_its_states(saved: Chrome, folder: Path) -> None:
    saved.execute_script("location.hash = '#Loop'")
    wait_for(saved, lambda: saved.find_elements(By.CSS_SELECTOR, '[data-state="Each"]'))
    play(saved, {"events": events(9)}, folder / "events.json")
    wait_for(saved, lambda: saved.current_url.endswith("#Trade"))
    wait_for(saved, lambda: status_of(saved, "Check") == "failed")


def test_a_page_says_that_its_server_has_stopped_and_that_another_one_was_started(driver: Chrome, folder: Path) -> None:
    command = [sys.executable, "-m", "workflow_dsl", "studio", "--port"]
    first = subprocess.Popen([*command, "0"], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert first.stdout
        address = first.stdout.readline().strip()
        driver.get(address)
        wait_for(driver, lambda: driver.find_elements(By.ID, "input"))
    finally:
        first.terminate()
        first.communicate(timeout=20)
    wait_for(driver, lambda: "The studio does not answer" in text_of(driver, "status"))
    press(driver, "Run")
    wait_for(driver, lambda: "start it again with `workflow-dsl studio`" in text_of(driver, "details"))
    port = str(urlsplit(address).port)
    second = subprocess.Popen([*command, port], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert second.stdout
        assert second.stdout.readline().strip() != address
        wait_for(driver, lambda: "Open the address that it printed" in text_of(driver, "status"))
    finally:
        driver.get("about:blank")
        second.terminate()
        second.communicate(timeout=20)
    errors_of(driver)  # the browser's own report of the lost connection


def folds(driver: Chrome) -> Any:
    """Which containers are open, in one look: a fold replaces the picture."""
    return driver.execute_script("return [...document.querySelectorAll('.fold')].map((each) => each.ariaExpanded)")


@pytest.mark.parametrize("page", ["live", "saved"])
def test_a_map_folds_and_unfolds_with_the_keyboard(page: str, request: pytest.FixtureRequest) -> None:
    driver = request.getfixturevalue(page)
    driver.execute_script("location.hash = '#Loop'")
    wait_for(driver, lambda: folds(driver) == ["true"])
    driver.find_element(By.CSS_SELECTOR, ".fold").send_keys(" ")
    wait_for(driver, lambda: folds(driver) == ["false"])
    assert not driver.find_elements(By.CSS_SELECTOR, '[data-state="Item"]')
    driver.switch_to.active_element.send_keys("\n")  # the focus stays on it
    wait_for(driver, lambda: driver.find_elements(By.CSS_SELECTOR, '[data-state="Item"]'))


def test_a_click_folds_a_map_and_the_choice_of_a_hidden_state_unfolds_it(saved: Chrome) -> None:
    saved.execute_script("location.hash = '#Loop'")
    wait_for(saved, lambda: folds(saved) == ["true"])
    saved.find_element(By.CSS_SELECTOR, ".fold").click()
    wait_for(saved, lambda: folds(saved) == ["false"])
    assert saved.current_url.endswith("#Loop")  # no state is chosen
    saved.find_element(By.CSS_SELECTOR, '#states [data-name="Item"]').click()
    wait_for(saved, lambda: saved.find_elements(By.CSS_SELECTOR, '[data-state="Item"].chosen'))


def a_map(name: str, inner: dict[str, Any]) -> dict[str, Any]:
    return {
        "Type": "Map",
        "ItemProcessor": {"StartAt": f"In {name}", "States": {f"In {name}": {"Type": "Succeed"}, **inner}},
    }


@pytest.fixture
def four_maps(driver: Chrome, folder: Path) -> Iterator[Chrome]:
    """A saved page with a Map in a Map, and a Parallel with a Map in each of its branches."""
    states: dict[str, Any] = {"A": {**a_map("A", {"B": {**a_map("B", {}), "End": True}}), "Next": "P"}}
    states["A"]["ItemProcessor"]["States"]["In A"] = {"Type": "Pass", "Next": "B"}
    branches = [{"StartAt": name, "States": {name: {**a_map(name, {}), "End": True}}} for name in "CD"]
    states["P"] = {"Type": "Parallel", "Branches": branches, "End": True}
    (folder / "loop.asl.json").write_text(json.dumps({"StartAt": "A", "States": states}))
    command = [sys.executable, "-m", "workflow_dsl", "studio", "--static", "site"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    driver.get((folder / "site" / "index.html").as_uri() + "#Loop")
    yield driver
    assert errors_of(driver) == []
    driver.get("about:blank")


SHAPES = """
const boxes = [...document.querySelectorAll('.sheet [data-state]')].map((group) => {
  const {x, y, width, height} = group.querySelector(':scope > rect').getBBox();
  return [decodeURIComponent(group.dataset.state), x, y, x + width, y + height];
});
return [boxes, document.querySelector('.sheet > svg').viewBox.baseVal.height];
"""


@pytest.mark.parametrize("folded", [(), ("A",), ("B", "C"), ("B", "C", "D"), ("A", "P"), ("A", "B", "C", "D", "P")])
def test_any_combination_of_containers_folds_without_a_server(four_maps: Chrome, folded: tuple[str, ...]) -> None:
    whole, height = four_maps.execute_script(SHAPES)
    four_maps.execute_script("studio.diagram.fold(arguments[0])", folded)
    boxes, left = four_maps.execute_script(SHAPES)
    inside = {"In A": "A", "B": "A", "In B": "AB", "C": "P", "D": "P", "In C": "PC", "In D": "PD"}
    shown = [box[0] for box in whole if not set(inside.get(box[0], "")) & set(folded)]
    assert [box[0] for box in boxes] == shown
    assert (left < height) is bool(folded)
    for name, *box in boxes:
        for other, *around in boxes:
            is_inside = other in inside.get(name, "")
            if is_inside:
                assert around[0] <= box[0] <= box[2] <= around[2], (name, other)
                assert around[1] <= box[1] <= box[3] <= around[3], (name, other)
            elif name != other and name not in inside.get(other, ""):
                assert box[2] <= around[0] or around[2] <= box[0] or box[3] <= around[1] or around[3] <= box[1], (
                    name,
                    other,
                )


def test_folding_what_holds_the_chosen_state_chooses_the_container(saved: Chrome) -> None:
    saved.execute_script("location.hash = '#Loop/Item'")
    wait_for(saved, lambda: saved.find_elements(By.CSS_SELECTOR, '[data-state="Item"].chosen'))
    press(saved, "Fold all")
    wait_for(saved, lambda: saved.find_elements(By.CSS_SELECTOR, '[data-state="Each"].chosen'))
    assert folds(saved) == ["false"]
    assert saved.current_url.endswith("#Loop/Each")


def test_the_filter_of_events_finds_a_state_a_type_or_data(saved: Chrome, folder: Path) -> None:
    play(saved, {"events": events(2_000)}, folder / "events.json")
    field = wait_for(saved, lambda: saved.find_element(By.CSS_SELECTOR, "#player input[type=search]"))
    field.send_keys("executionfailed")
    wait_for(
        saved,
        lambda: (
            [row.get_attribute("textContent") for row in saved.find_elements(By.CSS_SELECTOR, ".rows li:not([hidden])")]
            == ["2000.000 s ExecutionFailed Check"]
        ),
    )
    assert saved.find_element(By.CSS_SELECTOR, "[data-mark=Check]").get_attribute("data-status") == "failed"


WALK = """
const at = document.activeElement, style = getComputedStyle(at), circle = at.querySelector?.('circle:not(.around)');
const outlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
const region = at.closest('header, nav, main, aside')?.localName ?? 'body';
const box = at.getBoundingClientRect(), view = at.closest('.canvas')?.getBoundingClientRect() ?? {left: 0, top: 0, right: innerWidth, bottom: innerHeight};
return [region, at.ariaLabel ?? at.textContent.trim().slice(0, 40), outlined || Boolean(circle && parseFloat(getComputedStyle(circle).strokeWidth) > 2), box.bottom > view.top && box.top < view.bottom && box.right > view.left && box.left < view.right];
"""


def walk(driver: Chrome, most: int = 60) -> list[tuple[str, str, bool, bool]]:
    """The stops of the Tab key from the top of the page: region, name, is the focus visible, is it in sight."""
    driver.execute_script("document.activeElement.blur(); getSelection().removeAllRanges(); scrollTo(0, 0)")
    stops: list[tuple[str, str, bool, bool]] = []
    for _ in range(most):
        ActionChains(driver).send_keys(Keys.TAB).perform()
        stop = tuple(driver.execute_script(WALK))
        if stop[0] == "body" and stops and stops[-1][0] != "body":
            break
        stops.append(stop)
    return stops


def test_the_tab_key_reaches_everything_in_the_order_of_the_page(saved: Chrome, folder: Path) -> None:
    play(saved, {"events": events(9)}, folder / "events.json")
    wait_for(saved, lambda: status_of(saved, "Check") == "failed")
    saved.execute_script("location.hash = '#Loop'")
    wait_for(saved, lambda: folds(saved) == ["true"])
    stops = walk(saved)
    assert [stop[:2] for stop in stops] == [
        ("body", "Skip to the diagram"),
        ("header", "Search for a state, function, field or error"),
        ("header", "SystemLightDark"),
        *(
            ("nav", name)
            for name in ("Trade 2 findings", "Loop", "Map of calls", "Findings 2 findings", "Each", "Item")
        ),
        *(("main", name) for name in ("Larger", "Smaller", "Fit", "Fold all", "Open an execution...")),
        ("main", "Diagram: arrow keys move it, plus and minus scale it, 0 fits it"),
        ("main", "States inside Each"),
    ]
    assert [stop for stop in stops if not (stop[2] and stop[3])] == []


def test_the_arrow_keys_move_through_results_events_and_the_diagram(saved: Chrome, folder: Path) -> None:
    keys = ActionChains(saved)
    keys.send_keys("/").send_keys("check").send_keys(Keys.ARROW_DOWN).perform()
    assert saved.switch_to.active_element.text.startswith("Check (Trade)")
    ActionChains(saved).send_keys(Keys.ESCAPE).perform()
    assert saved.switch_to.active_element.get_attribute("id") == "search"
    assert not saved.find_element(By.ID, "found").is_displayed()
    place = "return document.querySelector('.sheet').style.transform"
    before = saved.execute_script(place)
    saved.find_element(By.CSS_SELECTOR, ".canvas").send_keys(Keys.ARROW_RIGHT, "+")
    wait_for(saved, lambda: saved.execute_script(place) != before)
    play(saved, {"events": events(9)}, folder / "events.json")
    rows = wait_for(saved, lambda: saved.find_element(By.CSS_SELECTOR, ".rows"))
    rows.send_keys(Keys.ARROW_UP)
    wait_for(saved, lambda: "8 of 9" in saved.find_element(By.CSS_SELECTOR, "#player output").text)


def test_nothing_moves_by_itself_for_people_who_want_less_motion(saved: Chrome, folder: Path) -> None:
    play(saved, {"events": events(9)}, folder / "events.json")
    wait_for(saved, lambda: status_of(saved, "Check") == "failed")
    moving = """return [...document.querySelectorAll('*')].filter((each) => {
      const style = getComputedStyle(each);
      return style.animationName !== 'none' || style.transitionDuration !== '0s' || style.scrollBehavior !== 'auto';
    }).length + document.getAnimations().length"""
    saved.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-reduced-motion", "value": "reduce"}]}
    )
    try:
        assert saved.execute_script(moving) == 0
    finally:
        saved.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_a_print_has_the_whole_diagram_and_nothing_to_press(saved: Chrome) -> None:
    saved.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        shown = "return [...document.querySelectorAll('header, nav, aside, #toolbar, .minimap, .fold')].filter((each) => each.checkVisibility()).length"
        svg = "const {left, top, right} = document.querySelector('.sheet > svg').getBoundingClientRect(); return left >= 0 && top >= 0 && right <= innerWidth"
        assert (saved.execute_script(shown), saved.execute_script(svg)) == (0, True)
    finally:
        saved.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


def test_forced_colors_leave_what_is_chosen_and_what_failed_visible(saved: Chrome, folder: Path) -> None:
    play(saved, {"events": events(9)}, folder / "events.json")
    wait_for(saved, lambda: status_of(saved, "Check") == "failed")
    saved.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "forced-colors", "value": "active"}]})
    try:
        style = "const at = getComputedStyle(document.querySelector(arguments[0])); return at[arguments[1]]"
        assert saved.execute_script(style, "nav [aria-current]", "outlineStyle") == "solid"
        sign = [
            saved.execute_script(style, f"[data-mark=Check] {part}", name)
            for part, name in (("circle", "fill"), (".badge path", "stroke"))
        ]
        assert sign[0] != sign[1]
    finally:
        saved.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_an_address_restores_the_state_that_it_names(saved: Chrome) -> None:
    address = saved.current_url.partition("#")[0]
    saved.get("about:blank")
    saved.get(f"{address}#Loop/Item")
    assert saved.title == "Item - Loop - workflow_dsl studio"
    assert saved.find_elements(By.CSS_SELECTOR, '[data-state="Item"].chosen')
    assert text_of(saved, "details").startswith("Item")


def test_a_file_that_is_dropped_anywhere_is_played(saved: Chrome) -> None:
    drop = """const files = new DataTransfer();
    files.items.add(new File([arguments[0]], 'events.json'));
    document.querySelector('aside').dispatchEvent(new DragEvent('drop', {dataTransfer: files, bubbles: true, cancelable: true}))"""
    saved.execute_script(drop, json.dumps({"events": events(6)}))
    wait_for(saved, lambda: status_of(saved, "Check") == "failed")


@pytest.mark.parametrize("word", ["check", "Busy", "MaxAttempts", "CheckArn"])
def test_the_search_finds_a_state_by_its_name_function_field_or_error(live: Chrome, folder: Path, word: str) -> None:
    live.find_element(By.ID, "search").send_keys(word)
    wait_for(live, lambda: "Check (Trade)" in text_of(live, "found"))


def test_the_minimap_moves_a_diagram_of_eighty_states(driver: Chrome, folder: Path) -> None:
    names = [f"State {number}" for number in range(80)]
    states = {
        name: {"Type": "Pass", **({"Next": after} if after else {"End": True})}
        for name, after in zip(names, [*names[1:], ""], strict=True)
    }
    (folder / "loop.asl.json").write_text(json.dumps({"StartAt": names[0], "States": states}))
    command = [sys.executable, "-m", "workflow_dsl", "studio", "--static", "site"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    driver.get((folder / "site" / "index.html").as_uri() + "#Loop")
    seen = "return [...studio.diagram.canvas.states.keys()].filter((name) => studio.diagram.canvas.isInSight(name))"
    assert names[0] in wait_for(driver, lambda: driver.execute_script(seen))
    minimap = driver.find_element(By.CSS_SELECTOR, ".minimap")
    ActionChains(driver).move_to_element_with_offset(minimap, 0, minimap.size["height"] // 2 - 6).click().perform()
    wait_for(driver, lambda: names[-1] in driver.execute_script(seen))
    press(driver, "Fit")
    wait_for(driver, lambda: driver.execute_script(seen) == names)
    assert errors_of(driver) == []


def test_a_finding_says_what_it_is_about(driver: Chrome, folder: Path) -> None:
    states = {
        name: {"Type": "Wait", "Seconds": "soon", **more} for name, more in (("A", {"Next": "B"}), ("B", {"End": True}))
    }
    (folder / "loop.asl.json").write_text(json.dumps({"StartAt": "A", "States": states}))
    command = [sys.executable, "-m", "workflow_dsl", "studio", "--static", "site"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    driver.get((folder / "site" / "index.html").as_uri() + "#Loop/A")
    alone = driver.find_element(By.CSS_SELECTOR, "#details .finding").text.split("\n")
    driver.execute_script("location.hash = '#Loop'")
    wait_for(driver, lambda: text_of(driver, "details").startswith("Loop"))
    together = driver.find_element(By.CSS_SELECTOR, "#details .finding").text.split("\n")
    problem = 'Expected value of type [INTEGER], got "soon"'
    remedy = "Remedy: write a whole number of seconds from 0 to 99999999"
    head = "error SCHEMA_VALIDATION_FAILED"
    assert alone == [head, f'"A" Seconds: {problem}', remedy, "loop.asl.json:1"]
    assert together == [head, f"Seconds: {problem}", remedy, "loop.asl.json", "A", "B"]
