"""Benchmarks of this project by size, and against the plain SDK, sfnx, moto, other validators and jsonata.

Run by `tox -e bench`. Each command is timed as a whole process. The commands take turns, so that a noisy machine slows
all of them alike. Figures are medians; ratios compare this project with each peer.
"""

from __future__ import annotations

import functools
import itertools
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

# It runs as a file beside this one: a package of the environment may be called tests, too.
from large_machines import MACHINES  # type: ignore[import-not-found]
from large_project import write_project  # type: ignore[import-not-found]

ROOT = Path(__file__).parent.parent
ROUNDS = 7

PLAIN_SDK = """
import json
from stepfunctions.steps import Chain, Choice, ChoiceRule, Graph, Retry, Task

def retry(seconds, attempts, rate):
    return Retry(error_equals=["States.TaskFailed"], interval_seconds=seconds, max_attempts=attempts, backoff_rate=rate)

check = Task("Check Stock Value", resource="${StockCheckerFunctionArn}", retry=retry(15, 5, 1.5))
choice = Choice("Buy or Sell?")
sell = Task("Sell Stock", resource="${StockSellerFunctionArn}", retry=retry(2, 3, 1))
buy = Task("Buy Stock", resource="${StockBuyerFunctionArn}", retry=retry(2, 3, 1))
record = Task("Record Transaction", resource="${DDBPutItem}", parameters={"TableName": "${DDBTable}", "Item": {
    "Id": {"S.$": "$.id"}, "Type": {"S.$": "$.type"}, "Price": {"N.$": "$.price"},
    "Quantity": {"N.$": "$.qty"}, "Timestamp": {"S.$": "$.timestamp"}}}, retry=retry(20, 5, 10))
choice.add_choice(ChoiceRule.NumericLessThanEquals("$.stock_price", 50), Chain([buy, record]))
choice.default_choice(Chain([sell, record]))
print(json.dumps(Graph(Chain([check, choice])).to_dict(), indent=2))
"""

SFNX = '''
from typing import TypedDict
from sfnx import TaskFailed, aws, state_machine

class Order(TypedDict):
    symbol: str

@state_machine
def trader(input: Order):
    """A state machine that does mock stock trading."""
    price = aws.optimized.lambda_.invoke(FunctionName="checker", Payload=input, retry=[{"ErrorEquals": [TaskFailed],
        "IntervalSeconds": 15, "MaxAttempts": 5, "BackoffRate": 1.5}])
    if price["Payload"]["stock_price"] <= 50:
        trade = aws.optimized.lambda_.invoke(FunctionName="buyer", Payload=price["Payload"], retry=[{"ErrorEquals":
            [TaskFailed], "IntervalSeconds": 2, "MaxAttempts": 3, "BackoffRate": 1}])
    else:
        trade = aws.optimized.lambda_.invoke(FunctionName="seller", Payload=price["Payload"], retry=[{"ErrorEquals":
            [TaskFailed], "IntervalSeconds": 2, "MaxAttempts": 3, "BackoffRate": 1}])
    sold = trade["Payload"]
    aws.optimized.dynamodb.put_item(TableName="transactions", Item={"Id": {"S": sold["id"]},
        "Type": {"S": sold["type"]},
        "Price": {"N": sold["price"]}, "Quantity": {"N": sold["qty"]}, "Timestamp": {"S": sold["timestamp"]}},
        retry=[{"ErrorEquals": [TaskFailed], "IntervalSeconds": 20, "MaxAttempts": 5, "BackoffRate": 10}])
    return sold
'''

LONG_CHAIN = """
from stepfunctions.steps import Chain, Task
from workflow_dsl import Workflow

def build():
    return Workflow(Chain([Task(f"State {{i}}", resource="${{Function}}") for i in range({count})]))
"""

LONG_AUTHORING_CHAIN = """
from workflow_dsl.authoring import Chain, Retry, Task, Workflow, function, path

BUSY = Retry(error_equals="Busy", jitter_strategy="FULL")

def build():
    resource, fields = function("F"), {{"id": path("$.id"), "all": [{{"id": path("$.id")}}]}}
    return Workflow(Chain([Task(f"S {{i}}", resource=resource, parameters=fields, retry=BUSY) for i in range({count})]))
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        _against_peers(Path(folder))
        _compile_by_size(Path(folder))
        _validators(Path(folder))
        _templates(Path(folder))
        _types(Path(folder))
    _diagrams()
    _local_engine()
    _jsonata()


def _against_peers(folder: Path) -> None:
    plain, sfnx = folder / "plain_sdk.py", folder / "trader_sfnx.py"
    plain.write_text(PLAIN_SDK)
    sfnx.write_text(SFNX)
    commands = {
        "workflow_dsl": [sys.executable, "-m", "workflow_dsl", "compile", "stock_trader"],
        "sfnx 3.1.0": [sys.executable, "-m", "sfnx", "compile", str(sfnx)],
        "stepfunctions 2.3.0, sagemaker 2": [sys.executable, "-W", "ignore", str(plain)],
    }
    runs: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    for _ in range(ROUNDS + 1):
        for name, command in commands.items():
            runs[name].append(_run_cold(command))
    print(f"The stock trader compiled, cold process, median of {ROUNDS} rounds after one to warm up:")
    figures = {name: [statistics.median(column) for column in zip(*run[1:], strict=True)] for name, run in runs.items()}
    ours = figures["workflow_dsl"]
    for name, (seconds, memory) in figures.items():
        print(f"  {name:34} {seconds:6.2f} s  {memory:5.0f} MB   {seconds / ours[0]:5.1f} x the time of workflow_dsl")


def _run_cold(command: list[str], *, findings: bool = False, folder: Path = ROOT) -> tuple[float, float]:
    """Return wall seconds and peak megabytes of one process; with `findings` it may exit with 1 or 2."""
    started = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)  # fixed commands
    assert process.stderr is not None
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status and not (findings and os.waitstatus_to_exitcode(status) in (1, 2)):
        sys.exit(f"{' '.join(command)} failed:\n{errors.decode()}")
    return time.perf_counter() - started, usage.ru_maxrss / 1024


def _compile_by_size(folder: Path) -> None:
    from workflow_dsl.compiler.loading import compile_file

    print("\nA chain compiled to JSON, best of 3 in one process:")
    for title, module in (("the SDK's states", LONG_CHAIN), ("authoring states", LONG_AUTHORING_CHAIN)):
        for count in (10, 100, 1_000, 10_000):
            file = folder / f"chain_{count}.py"
            file.write_text(module.format(count=count))
            best = min(_seconds(lambda path=file: compile_file(path).to_text()) for _ in range(3))  # type: ignore[misc]
            print(f"  {count:6} of {title:17} {best * 1000:8.1f} ms   {best / count * 1e6:5.0f} us a state")


OURS = """
from workflow_dsl.validation import check
def judge(text): return any(finding.severity == "error" for finding in check(text))
"""
STATELINT = """
import json
from statelint.linter import Linter
def judge(text): return bool(Linter.validate(json.loads(text)))
"""
CFN_LINT = """
import json
from cfnlint.config import ConfigMixIn
from cfnlint.runner import Runner
def all_of(files): return {match.filename for match in Runner(ConfigMixIn(["--template", *files])).run()}
"""
ASL_VALIDATOR = """
const fs = require("fs");
const validator = require(process.argv[1]);
const judge = validator.default || validator;
const files = process.argv.slice(2);
const documents = files.map(file => JSON.parse(fs.readFileSync(file, "utf8")));
judge(documents[0], {checkArn: true, checkPaths: true});
const started = process.hrtime.bigint();
const bad = documents.filter(document => !judge(document, {checkArn: true, checkPaths: true}).isValid).length;
console.log(Number(process.hrtime.bigint() - started) / 1e9, bad);
"""
TIMED = """
import sys, time
texts = [open(file, encoding="utf-8").read() for file in sys.argv[1:]]
for text in texts:
    judge(text)
rounds = []
for _ in range(5):
    started = time.perf_counter()
    bad = sum(judge(text) for text in texts)
    rounds.append(time.perf_counter() - started)
print(sorted(rounds)[2], bad)
"""
TIMED_ALL = """
import sys, time
all_of(sys.argv[1:2])
started = time.perf_counter()
bad = all_of(sys.argv[1:])
print(time.perf_counter() - started, len(bad))
"""


def _validators(folder: Path) -> None:
    """Time definitions that AWS accepts: one in a cold process, and all in a process that has imported its modules."""
    from workflow_dsl.definition.reading import read
    from workflow_dsl.validation.rules_page import examples

    texts = [(ROOT / "generated" / "stock_trader.asl.json").read_text("utf-8")]
    texts += [rule["good"] for rule in examples().values() if "substitutions" not in rule and "type" not in rule]
    definitions, templates = folder / "definitions", folder / "templates"
    definitions.mkdir()
    templates.mkdir()
    for number, text in enumerate(texts):
        document = read(text)
        (definitions / f"{number:03}.asl.json").write_text(json.dumps(document, indent=2))
        machine = {"Type": "AWS::StepFunctions::StateMachine", "Properties": {"RoleArn": ROLE, "Definition": document}}
        (templates / f"{number:03}.json").write_text(json.dumps({"Resources": {"M": machine}}))
    files, wrapped = (sorted(map(str, directory.iterdir())) for directory in (definitions, templates))
    binaries = Path(sys.executable).parent
    cold = {
        "workflow_dsl": [str(binaries / "workflow-dsl"), "validate", files[0]],
        "statelint 3.1.0": [str(binaries / "statelint"), files[0]],
        "cfn-lint 1.58.0": [str(binaries / "cfn-lint"), wrapped[0]],
    }
    warm = {
        "workflow_dsl": [sys.executable, "-c", OURS + TIMED, *files],
        "statelint 3.1.0": [sys.executable, "-c", STATELINT + TIMED, *files],
        "cfn-lint 1.58.0": [sys.executable, "-c", CFN_LINT + TIMED_ALL, *wrapped],
    }
    package = Path(os.environ.get("NODE_PACKAGES", "")) / "node_modules" / "asl-validator"
    if (package / "package.json").is_file():
        script = package / "dist" / "bin" / "asl-validator.js"
        cold["asl-validator 4.0.0"] = ["node", str(script), "--json-path", files[0]]
        warm["asl-validator 4.0.0"] = ["node", "-e", ASL_VALIDATOR, str(package), *files]
    starts: dict[str, list[float]] = {name: [] for name in cold}
    results: dict[str, list[tuple[float, int]]] = {name: [] for name in warm}
    for turn in range(ROUNDS + 1):
        for name, command in cold.items():
            starts[name].append(_run_cold(command, findings=True)[0])
        for name, command in warm.items() if turn < 4 else ():
            output = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
            results[name].append((float(output[0]) / len(files), int(output[1])))
    print(f"\n{len(files)} definitions that AWS accepts, validated; cold: one of them, median of {ROUNDS}:")
    ours = statistics.median(starts["workflow_dsl"][1:]), min(results["workflow_dsl"])[0]
    for name in sorted(cold, key=lambda name: name != "workflow_dsl"):
        start, (one, bad) = statistics.median(starts[name][1:]), min(results[name])
        print(
            f"  {name:22} cold {start * 1000:6.0f} ms {start / ours[0]:5.1f} x   a definition {one * 1000:8.3f} ms "
            f"{one / ours[1]:6.1f} x   refuses {bad}"
        )
    print("\nA chain of tasks checked, best of 3 in one process:")
    from workflow_dsl.validation import check

    for count in (100, 1_000, 10_000):
        chain = json.dumps(_passes(count))
        best = min(_seconds(lambda text=chain: check(text)) for _ in range(3))  # type: ignore[misc]
        print(f"  {count:6} states {best * 1000:8.1f} ms   {best / count * 1e6:5.0f} us a state")


ROLE = "arn:aws:iam::111111111111:role/r"


def _templates(folder: Path) -> None:
    """Time `uses` on this repository and a large template, and `validate` beside cfn-lint, which skips definitions."""
    large = _large_template(folder / "large")
    _large_projects(folder)
    ours = [sys.executable, "-m", "workflow_dsl"]
    commands = {
        "uses, this repository": [*ours, "uses"],
        "uses, 200 functions and 50 state machines": [*ours, "uses", "--template", str(large)],
        "validate, the same": [*ours, "validate", str(large)],
        "cfn-lint 1.58.0, the same": [sys.executable, "-m", "cfnlint", str(large)],
    }
    print(f"Templates, cold process, median of {ROUNDS} rounds after one to warm up:")
    runs: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(ROUNDS + 1):
        for name, command in commands.items():
            runs[name].append(_run_cold(command, findings="cfn-lint" in name)[0])
    for name, seconds in runs.items():
        print(f"  {name:42} {statistics.median(seconds[1:]):6.2f} s")


def _large_projects(folder: Path) -> None:
    """Time commands on projects of 500 and 2,000 workflows, and on one where every call has a warning."""
    command = [sys.executable, "-m", "workflow_dsl"]
    calls = {"validate": ["validate", "template.yaml"], "uses": ["uses"], "generate --check": ["generate", "--check"]}
    sizes = {"500": (500, 0), "2,000": (2_000, 0), "500, 11 warnings each": (500, 9)}
    print("Projects with twice as many functions as state machines, cold process, median of 3 rounds:")
    for name, (machines, steps) in sizes.items():
        project = folder / f"project {name}"
        write_project(project, machines, steps=steps, with_warnings=steps > 0)
        subprocess.run(
            [*command, "generate"], cwd=project, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True
        )
        for title, call in calls.items():
            seconds = statistics.median(_run_cold([*command, *call], folder=project)[0] for _ in range(3))
            print(f"  {name:24} {title:17} {seconds:6.2f} s")


def _large_template(folder: Path) -> Path:
    """Write a template of 200 functions and 50 state machines, which call 12 functions each and store the result."""
    resources: dict[str, Any] = {"Table": {"Type": "AWS::Serverless::SimpleTable"}}
    for number in range(200):
        (folder / f"f{number}").mkdir(parents=True)
        (folder / f"f{number}" / "app.py").write_text("def handler(event, context):\n    return event\n")
        properties: dict[str, Any] = {"CodeUri": f"f{number}/", "Handler": "app.handler", "Runtime": "python3.13"}
        resources[f"F{number}"] = {"Type": "AWS::Serverless::Function", "Properties": properties}
    for number in range(50):
        called = [f"F{(4 * number + offset) % 200}" for offset in range(12)]
        states: dict[str, Any] = {
            f"Call {name}": {"Type": "Task", "Resource": f"${{{name}Arn}}", "Next": following}
            for name, following in zip(called, [*(f"Call {next_}" for next_ in called[1:]), "Store"], strict=True)
        }
        put, item = "arn:aws:states:::dynamodb:putItem", {"id": {"S.$": "$.id"}}
        states["Store"] = {"Type": "Task", "Resource": put, "Parameters": {"TableName": "${Table}", "Item": item}}
        states["Store"]["End"] = True
        (folder / f"m{number}.asl.json").write_text(json.dumps({"StartAt": f"Call {called[0]}", "States": states}))
        policies: list[Any] = [{"LambdaInvokePolicy": {"FunctionName": {"Ref": name}}} for name in called]
        properties = {
            "DefinitionUri": f"m{number}.asl.json",
            "DefinitionSubstitutions": {
                **{f"{name}Arn": {"Fn::GetAtt": f"{name}.Arn"} for name in called},
                "Table": {"Ref": "Table"},
            },
            "Policies": [*policies, {"DynamoDBWritePolicy": {"TableName": {"Ref": "Table"}}}],
        }
        resources[f"M{number}"] = {"Type": "AWS::Serverless::StateMachine", "Properties": properties}
    path = folder / "template.json"
    path.write_text(json.dumps({"Transform": "AWS::Serverless-2016-10-31", "Resources": resources}, indent=2))
    return path


def _types(folder: Path) -> None:
    """Time `validate` on 10,000 states of each kind without the rules about values and with them."""
    from workflow_dsl.validation import rules

    print("\nTypes of values, `validate` of 10,000 states, CPU time, median of 5, and what types add to all the rest:")
    of_values = [option for rule in rules() if rule.of_values for option in ("--ignore", rule.code)]
    file = folder / "states.asl.json"
    command = [str(Path(sys.executable).parent / "workflow-dsl"), "validate", str(file)]
    for name, machine in MACHINES.items():
        file.write_text(json.dumps(machine(10_000), indent=2))
        pairs = [(_cpu_seconds([*command, *of_values]), _cpu_seconds(command)) for _ in range(5)]
        without, whole = map(statistics.median, zip(*pairs, strict=True))
        print(f"  {name:28} {whole * 1000:7.0f} ms   {(whole - without) * 1000:4.0f} ms   {(whole / without - 1):4.0%}")


def _cpu_seconds(command: list[str]) -> float:
    """Return the seconds of CPU that a process takes, which may exit with 1."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fixed commands
    _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status) not in (0, 1):
        sys.exit(f"{' '.join(command)} failed")
    return usage.ru_utime + usage.ru_stime


def _diagrams() -> None:
    from workflow_dsl.definition.machine import Machine
    from workflow_dsl.views.diagram import to_svg

    print("A chain of Pass states drawn:")
    for count in (10, 100, 1_000, 10_000):
        machine = Machine(_passes(count))
        seconds = _seconds(lambda machine=machine: to_svg(machine, "chain"))  # type: ignore[misc]
        print(f"  {count:6} states  {seconds:8.4f} s  {seconds / count * 1e6:5.0f} us a state")


def _passes(count: int) -> dict[str, Any]:
    states: dict[str, Any] = {f"S{i}": {"Type": "Pass", "Next": f"S{i + 1}"} for i in range(count - 1)}
    return {"StartAt": "S0", "States": {**states, f"S{count - 1}": {"Type": "Pass", "End": True}}}


def _map(**processor: Any) -> dict[str, Any]:
    inner = {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}, **processor}
    return {"StartAt": "M", "States": {"M": {"Type": "Map", "ItemProcessor": inner, "ResultPath": None, "End": True}}}


def _local_engine() -> None:
    from workflow_dsl.local import run

    print("\nA distributed Map of Pass items, one execution each, and the peak memory of the process:")
    distributed = _map(ProcessorConfig={"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"})
    for count in (1_000, 10_000, 40_000):
        items = list(range(count))
        seconds = _seconds(lambda v=items: run(distributed, v))  # type: ignore[misc]
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"  {count:7} items {seconds * 1000:9.1f} ms   {seconds / count * 1e6:5.1f} us an item   peak {peak:5.0f} MB"
        )
    print("\nThe local engine beside moto's, one execution in a warm process, best of 5 (moto: of 3):")
    for name, definition, value in (
        ("10 Pass states", _passes(10), {}),
        ("Map of 1,000 Pass items", _map(), list(range(1_000))),
    ):
        ours = min(_seconds(lambda d=definition, v=value: run(d, v)) for _ in range(5))  # type: ignore[misc]
        theirs = _moto(definition, value)
        print(f"  {name:26} {ours * 1000:8.3f} ms   moto {theirs * 1000:8.1f} ms   {theirs / ours:6.0f} x")


def _moto(definition: dict[str, Any], value: Any) -> float:
    """Return the best time of three executions by moto's engine, in seconds, from start to the last poll."""
    import boto3
    from moto import mock_aws

    with mock_aws(config={"stepfunctions": {"execute_state_machine": True}}):
        client = boto3.client("stepfunctions", region_name="us-east-1")
        role = "arn:aws:iam::123456789012:role/r"
        machine = client.create_state_machine(name="m", definition=json.dumps(definition), roleArn=role)

        names, pause = itertools.count(), threading.Event()

        def execute() -> None:
            request = {
                "stateMachineArn": machine["stateMachineArn"],
                "name": f"n{next(names)}",
                "input": json.dumps(value),
            }
            arn = client.start_execution(**request)
            while client.describe_execution(executionArn=arn["executionArn"])["status"] == "RUNNING":
                pause.wait(0.001)  # lets moto's engine run, which is a thread of this process

        return min(_seconds(execute) for _ in range(3))


JSONATA = {
    "sum of a field": "$sum($states.input.items.price)",
    "items by a condition": "$states.input.items[qty > 5].sku",
    "by two conditions": "$states.input.items[qty > 2 and cat = 'a'].sku",
    "an object of each": "$states.input.items.{'id': sku, 'total': qty * price}",
    "groups": "$states.input.items{cat: $sum(qty)}",
    "$map": "$map($states.input.items, function($v, $i) { $v.sku & '-' & $i })",
    "$filter": "$filter($states.input.items, function($v) { $v.qty in [1, 2] })",
    "$reduce": "$reduce($states.input.items.qty, function($sum, $qty) { $sum + $qty })",
    "order": "$states.input.items^(>price, sku).sku",
    "$sort": "$sort($states.input.items, function($l, $r) { $l.price > $r.price })",
    "$join": "$join($states.input.items.sku, ',')",
    "distinct": "$count($distinct($states.input.items.cat))",
    "with the index": "$states.input.items#$i.{'i': $i, 'sku': sku}",
    "arrays in arrays": "$states.input.items.tags",
    "$merge": "$merge($states.input.items.{sku: qty})",
    "sum of products": "$sum($states.input.items.(qty * price))",
    "a condition of each": "$states.input.items.(qty > 5 ? 'many' : 'few')",
    "a regular expression": "$states.input.items[$contains(sku, /7$/)].sku",
    "strings": "$states.input.items.($uppercase(sku) & '/' & $substring(cat, 0, 1))",
    "transform": "$states.input ~> |items|{'total': qty * price}|",
    "$lookup": "$states.input.items.($lookup($states.input.names, cat))",
    "range": "$sum([1..1000].($ * 2))",
}
JSONATA_OF_NODE = """
const jsonata = require(process.argv[1]);
const {expressions, input, rounds} = JSON.parse(require("fs").readFileSync(0));
(async () => {
    const seconds = {};
    for (const [name, text] of Object.entries(expressions)) {
        const expression = jsonata(text);
        const times = [];
        for (let round = 0; round < rounds; round++) {
            const started = process.hrtime.bigint();
            await expression.evaluate(undefined, {states: {input}});
            times.push(Number(process.hrtime.bigint() - started) / 1e9);
        }
        seconds[name] = times.sort((one, other) => one - other)[Math.floor(rounds / 2)];
    }
    console.log(JSON.stringify(seconds));
})();
"""


def _jsonata() -> None:
    """Time expressions on 1,000 items beside jsonata 2.0.6 on node, and the import of the evaluator."""
    package = Path(os.environ.get("NODE_PACKAGES", "")) / "node_modules" / "jsonata"
    imported = "import time; t = time.perf_counter(); import workflow_dsl.expressions.jsonata.evaluation as e; "
    command = [sys.executable, "-c", f"{imported}print(time.perf_counter() - t)"]
    times = [float(subprocess.run(command, capture_output=True, text=True, check=True).stdout) for _ in range(ROUNDS)]
    print(f"\nJSONata; importing the evaluator takes {statistics.median(times) * 1000:.0f} ms:")
    if not (package / "package.json").is_file():
        print("  not compared: jsonata 2.0.6 for node is not below NODE_PACKAGES")
        return
    from workflow_dsl.expressions.jsonata.evaluation import evaluate_jsonata

    items = [
        {"sku": f"s{i}", "qty": i % 10, "price": i * 37 % 1000 / 4, "cat": "abcde"[i % 5], "tags": ["x", "y"]}
        for i in range(1_000)
    ]
    given = {"items": items, "names": {name: name * 3 for name in "abcde"}}
    request = json.dumps({"expressions": JSONATA, "input": given, "rounds": 15})
    node = ["node", "-e", JSONATA_OF_NODE, str(package)]
    theirs = json.loads(subprocess.run(node, input=request, capture_output=True, text=True, check=True).stdout)
    ratios = []
    for name, text in JSONATA.items():
        work = functools.partial(
            evaluate_jsonata, text, {"states": {"input": given}}, now=lambda: datetime.now(UTC), random=Random(1)
        )
        ours = statistics.median(_seconds(work) for _ in range(15))
        ratios.append(ours / theirs[name])
        print(f"  {name:22} {ours * 1000:8.2f} ms   node {theirs[name] * 1000:8.2f} ms   {ratios[-1]:5.2f} x")
    faster = sum(ratio <= 1 for ratio in ratios)
    print(f"  median {statistics.median(ratios):.2f} x the time of node; not slower on {faster} of {len(ratios)}")


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
