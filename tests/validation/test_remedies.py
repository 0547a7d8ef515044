"""The complete findings of common mistakes: what is wrong, and what to write instead."""

from __future__ import annotations

from typing import Any

import pytest

from workflow_dsl.validation import check

END = {"Type": "Pass", "End": True}
READER = {"Resource": "arn:aws:states:::s3:listObjectsV2", "Parameters": {"Bucket": "b"}}
D = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}


RETRY = [{"ErrorEquals": ["Lambda.ServiceException", "Lambda.AWSLambdaException", "Lambda.SdkClientException", "Lambda.TooManyRequestsException"]}]  # fmt: skip
ANSWER = "has only Payload, ExecutedVersion, FunctionError, LogResult, StatusCode, SdkHttpMetadata, SdkResponseMetadata (the result of lambda:invoke)"  # fmt: skip


def machine(**states: Any) -> dict[str, Any]:
    return {"StartAt": next(iter(states)), "States": states}


def task(**fields: Any) -> dict[str, Any]:
    return machine(T={"Type": "Task", "Resource": "${F}", "End": True, **fields})


def publish(topic: str, **fields: Any) -> dict[str, Any]:
    parameters = {"TopicArn.$": topic, "Message": "m"}
    return {"Type": "Task", "Resource": "arn:aws:states:::sns:publish", "Parameters": parameters, **fields}


def jsonata(**fields: Any) -> dict[str, Any]:
    return machine(J={"Type": "Pass", "QueryLanguage": "JSONata", "End": True, **fields})


def nested(action: str, **fields: Any) -> dict[str, Any]:
    parameters = {
        "StateMachineArn": "${M}",
        "Input": {"AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID.$": "$$.Execution.Id"},
    }
    return {"Type": "Task", "Resource": f"arn:aws:states:::states:{action}", "Parameters": parameters, **fields}


def read(path: str) -> dict[str, Any]:
    return {"Type": "Pass", "InputPath": path, "End": True}


def a_map(**fields: Any) -> dict[str, Any]:
    return machine(M={"Type": "Map", "ItemProcessor": machine(A=END), "End": True, **fields})


def inner(**config: Any) -> dict[str, Any]:
    """A Map whose state assigns a variable that a later state reads, and reads one that an earlier state assigns."""
    assign = {"Type": "Pass", "Assign": {"k": 1}, "Output": "{% $outer %}", "End": True}
    map_ = {"Type": "Map", "ItemProcessor": {**machine(I=assign), **config}, "Next": "Read"}
    first = {"Type": "Pass", "Assign": {"outer": 1}, "Next": "Each"}
    return {
        "QueryLanguage": "JSONata",
        **machine(First=first, Each=map_, Read={"Type": "Pass", "Output": "{% $k %}", "End": True}),
    }


MISTAKES: list[tuple[dict[str, Any], list[str]]] = [
    (inner(), [
        '"Read" Output: $k is not visible: "I" assigns it only inside "Each"; return it from there, and assign it from the result of "Each"',
    ]),
    (a_map(ItemProcessor={**machine(A=END), **D}, ItemReader=READER), [
        '"M": its results exceed 256 KiB if there are many items; add a ResultWriter',
    ]),
    (a_map(ItemProcessor={**machine(A=END), **D}, ItemsPath="$.few"), []),
    (inner(**D), [
        '"I" Output: $outer is not visible: the states of a distributed Map have their own variables; pass it with the items, in ItemSelector',
        '"Read" Output: $k is not visible: "I" assigns it only inside "Each"; return it from there, and assign it from the result of "Each"',
    ]),
    (jsonata(Assign={"$x": 1}, Output="{% $x %}"), [
        "\"J\" Assign.$x: Invalid variable name '$x': the variable name contains invalid characters; write \"x\", without the $",
        '"J" Output: $x is never assigned; assign it, or write "$states.input.x" for a field of the input',
    ]),
    (jsonata(Assign={"x.$": 1}), [
        "\"J\" Assign.x.$: Invalid variable name 'x.$': the variable name contains invalid characters; write \"x\": JSONata needs no .$",
        '"J" Assign.x.$: JSONata does not evaluate a field whose name ends in .$; name it "x", and write the value as "{% $states.input... %}"',
    ]),
    (jsonata(Assign={"states": 1}), [
        "\"J\" Assign.states: Cannot assign to reserved variable '$states'; choose another name",
    ]),
    (jsonata(Assign={"x" * 81: 1}), [
        '"J" Assign.xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx: Invalid variable name "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...: it has 81 characters, the limit is 80; shorten it',
    ]),
    (jsonata(Output="{% states.input.a %}"), [
        "\"J\" Output: Reference to 'states' at the top level is not supported; write $states",
    ]),
    (jsonata(Output="{% $$.a %}"), [
        "\"J\" Output: Reference to '$$' is not supported; write $states.input for the state's input, $states.context for the context object",
    ]),
    (jsonata(Output="{% $.a %}"), [
        "\"J\" Output: Reference to '$' at the top level is not supported; write $states.input for the state's input, $states.context for the context object",
    ]),
    (jsonata(Output="{% input.a %}"), [
        "\"J\" Output: Reference to 'input' at the top level is not supported; write $states.input",
    ]),
    (jsonata(Output="{% price %}"), [
        "\"J\" Output: Reference to 'price' at the top level is not supported; write $states.input.price for a field of the state's input, $price for a variable",
    ]),
    (jsonata(Output="{% States.Format(1) %}"), [
        '"J" Output: Reference to \'States\' at the top level is not supported; write $states; JSONata has its own functions instead of States.Format and other intrinsic functions',
    ]),
    (jsonata(Output="{% $states.input.a == 1 %}"), [
        '"J" Output: is not valid JSONata: The symbol "=" cannot be used as a unary operator; compare with = and !=, and combine conditions with and, or',
    ]),
    (jsonata(Output="{% $states.input.a = 'it\\'s' %}"), [
        '"J" Output: is not valid JSONata: Unsupported escape sequence: \\"\'"; quote a string that contains one kind of quotes with the other kind',
    ]),
    (jsonata(Output="{% 1 + %}"), [
        '"J" Output: is not valid JSONata: Unexpected end of expression; fix the expression between {% and %}',
    ]),
    (jsonata(Output="{% 1 % "), [
        '"J" Output: JSONata string must start with {% and end with %}; end the string with %}',
    ]),
    (jsonata(Output="{% $states.result %}"), [
        '"J" Output: Field \'$states.result\' does not exist; write $states.input: a Pass state has no result',
    ]),
    (task(QueryLanguage="JSONata", Arguments="{% $states.result %}"), [
        '"T" Arguments: Field \'$states.result\' does not exist; use it only in Output or Assign',
    ]),
    (task(QueryLanguage="JSONata", Catch=[{"ErrorEquals": ["E"], "Next": "T", "Output": "{% $states.result %}"}]), [
        '"T": is in a loop without a Wait: "T"; add a Wait to the loop, or count its iterations',
        '"T" Catch[0].Output: Field \'$states.result\' does not exist; write $states.errorOutput in a catcher',
    ]),
    (jsonata(Output="{% $states.errorOutput %}"), [
        '"J" Output: Field \'$states.errorOutput\' does not exist; use it in Output or Assign of a catcher, and pass it on from there',
    ]),
    (jsonata(Output="{% $input.a & $state.b %}"), [
        '"J" Output: $input is never assigned; write $states.input',
        '"J" Output: $state is never assigned; write $states',
    ]),
    (task(Parameters={"a.$": "$states.input.a"}), [
        '"T" Parameters.a.$: $states is never assigned; give the state "QueryLanguage": "JSONata", which has $states, or read the input with "$."',
    ]),
    (task(Resource="arn:aws:states:::activity:a", TimeoutSeconds=9), [
        '"T" Resource: The resource provided arn:aws:states:::activity:a is not recognized. The value is not a valid resource ARN, or the resource is not available in this region; write the whole ARN of the activity: arn:aws:states:REGION:ACCOUNT:activity:NAME',
    ]),
    (task(Resource="arn:aws:states:us-east-1:111111111111:activity:a", Credentials={"RoleArn": "arn:aws:iam::123456789012:role/r"}, TimeoutSeconds=9), [
        '"T" Credentials: The field \'Credentials\' is not supported for activities; remove it',
    ]),
    (a_map(ItemProcessor={**machine(A=END), **D}, ItemReader={"Resource": "arn:aws:states:::s3:getObject", "Parameters": {"Bucket": "b", "Key": "k"}, "ReaderConfig": {"InputType": "JSON", "CSVHeaderLocation": "GIVEN"}}, ResultPath=None), [
        '"M" ItemReader.ReaderConfig: These fields are required: [CSVHeaders]; add the column names as CSVHeaders',
        '"M" ItemReader.ReaderConfig.CSVHeaderLocation: Field \'CSVHeaderLocation\' is not supported; remove it: JSON has no header',
    ]),
    (a_map(ItemProcessor={**machine(A=END), **D}, ItemReader={"Resource": "arn:aws:states:::s3:getObject", "Parameters": {"Bucket": "b", "Key": "k"}, "ReaderConfig": {"InputType": "CSV"}}, ResultPath=None), [
        "\"M\" ItemReader.ReaderConfig: The field 'CSVHeaderLocation' is required; write \"FIRST_ROW\", or \"GIVEN\" and the names in CSVHeaders",
    ]),
    (a_map(ItemProcessor={**machine(A=END), **D}, Label="x" * 41, ResultPath=None), [
        "\"M\" Label: Invalid label: \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\" exceeds the 40-character limit allowed by the service; shorten it",
    ]),
    (a_map(ItemProcessor={**machine(A=END), "ProcessorConfig": {"Mode": "INLINE", "ExecutionType": "EXPRESS"}}), [
        '"M" ItemProcessor.ProcessorConfig.ExecutionType: Field \'ExecutionType\' is not supported; remove it, or write "Mode": "DISTRIBUTED"',
    ]),
    (machine(E=nested("startExecution.sync", Next="R"), R=read("$.Output.id")), [
        '"R" InputPath: reads $.Output.id, but $.Output is a string; parse it with States.StringToJson($.Output), or call states:startExecution.sync:2',
    ]),
    (machine(E=nested("startExecution", Next="R"), R=read("$.Output.id")), [
        '"R" InputPath: reads $.Output.id, but $ has only ExecutionArn, StartDate, SdkHttpMetadata, SdkResponseMetadata (the result of states:startExecution); call states:startExecution.sync:2, which waits for the result',
    ]),
    (machine(L={"Type": "Pass", "Result": {"lines": [{"sku": 1}]}, "Next": "R"}, R=read("$.lines.sku")), [
        '"R" InputPath: reads $.lines.sku, but $.lines is a list; write $.lines[0].sku for one item, $.lines[*].sku for all, or read it in a Map',
    ]),
    (machine(L={"Type": "Pass", "Result": {"name": "n"}, "Next": "R"}, R=read("$.name.first")), [
        '"R" InputPath: reads $.name.first, but $.name is "n"; read a field that it has, or declare this one',
    ]),
    (task(Resource="arn:aws:states:::sqs:sendMessage", Parameters={"QueueUrl.$": "$.queue", "MessageBody": "x"}, ResultSelector={"id.$": "$.order"}), [
        '"T" ResultSelector.id.$: reads $.order, but $ has only MD5OfMessageBody, MD5OfMessageAttributes, MD5OfMessageSystemAttributes, MessageId, SequenceNumber, SdkHttpMetadata, SdkResponseMetadata (the result of sqs:sendMessage); read it in the next state: ResultSelector has only the result, and "ResultPath": "$.result" keeps the input',
    ]),
    (task(Resource="${F}", Retry=[{"ErrorEquals": ["States.ALL"]}], Parameters={'a.$"': "$.b.c"}), [
        '"T" Parameters.a.$": "$.b.c" is a literal string here, not a path; name the field "a.$" to evaluate it',
    ]),
    (task(Resource="arn:aws:states:::sqs:sendMessage", Parameters={"QueueUrl": {"Ref": "Q"}, "MessageBody": "x"}), [
        '"T" Parameters.QueueUrl: The value for the field \'QueueUrl\' must be a STRING; write a placeholder, "${Name}", and this function as its value in DefinitionSubstitutions',
    ]),
    (machine(W={"Type": "Wait", "Seconds": "{% 1 %}", "End": True}), [
        '"W" Seconds: Expected value of type [INTEGER], got "{% 1 %}"; use SecondsPath, or give the state "QueryLanguage": "JSONata"',
    ]),
    (task(TimeoutSeconds="{% 1 %}"), [
        '"T" TimeoutSeconds: Expected value of type [INTEGER], got "{% 1 %}"; use TimeoutSecondsPath, or give the state "QueryLanguage": "JSONata"',
    ]),
    (machine(A={"Type": "Pass", "Next": "${Next}"}, B=END), []),
    (task(Resource="F"), [
        '"T" Resource: Value is not a valid resource ARN, got "F"; write an ARN: !GetAtt F.Arn in a template, because !Ref returns the name',
    ]),
    (task(Resource="F G"), [
        '"T" Resource: Value is not a valid resource ARN, got "F G"; write the ARN of a function, an activity or an integration, or a ${Placeholder} for it',
    ]),
    (task(Resource="arn:aws:lambda:us-east-1:111111111111:F"), [
        '"T": does not retry transient Lambda errors; add a retrier for Lambda.ServiceException, Lambda.AWSLambdaException, Lambda.SdkClientException, Lambda.TooManyRequestsException',
        "\"T\" Resource: The resource provided arn:aws:lambda:us-east-1:111111111111:F is not recognized. The value is not a valid resource ARN, or the resource is not available in this region; write arn:aws:lambda:REGION:ACCOUNT:function:NAME",
    ]),
    (task(Resource="arn:asw:states:::sqs:sendMessage"), [
        "\"T\": Parameters field is required for resource ARN: arn:asw:states:::sqs:sendMessage; add \"Parameters\": {\"QueueUrl\": ..., \"MessageBody\": ...}",
        "\"T\" Resource: The resource provided arn:asw:states:::sqs:sendMessage is not recognized. The value is not a valid resource ARN, or the resource is not available in this region; write arn:aws:..., or arn:${Partition}:... with Partition: !Ref AWS::Partition",
    ]),
    (task(Resource="arn:aws:states::sqs:sendMessage"), [
        "\"T\" Resource: The resource provided arn:aws:states::sqs:sendMessage is not recognized. The value is not a valid resource ARN, or the resource is not available in this region; write arn:aws:states:::SERVICE:ACTION, or arn:aws:states:::aws-sdk:SERVICE:ACTION",
    ]),
    (task(Resource="arn:aws:sqs:us-east-1:111111111111:q"), [
        '"T" Resource: The resource provided arn:aws:sqs:us-east-1:111111111111:q is not recognized. The value is not a valid resource ARN, or the resource is not available in this region; call an action of the service, such as arn:aws:states:::sqs:sendMessage, and pass this in Parameters',
    ]),
    (task(Resource="arn:aws:zzz:us-east-1:111111111111:q"), [
        '"T" Resource: The resource provided arn:aws:zzz:us-east-1:111111111111:q is not recognized. The value is not a valid resource ARN, or the resource is not available in this region; call an action of the service, such as arn:aws:states:::aws-sdk:zzz:..., and pass this in Parameters',
    ]),
    (task(Resource="arn:aws:states:us-east-1:111111111111:task:a"), []),
    (task(Resource="arn:aws:states:::dynamodb:putItem", Parameters={"TableName": "t", "Item": {"a": "x"}}), []),
    ({"StartAt": "A", "States": {"QueryLanguage": "JSONata", "A": {"Type": "Pass", "Output": "{% 1 %}", "End": True}}}, [
        '"QueryLanguage": Expected value of type [OBJECT], got "JSONata"; move QueryLanguage out of States, beside StartAt',
    ]),
    (machine(M={"Type": "Map", "Parameters": {}, "Iterator": machine(A=END), "End": True}), [
        '"M" Iterator: Iterator and Parameters are deprecated; rename Iterator to ItemProcessor, and Parameters to ItemSelector',
    ]),
    (task(Resource="arn:aws:states:::aws-sdk:dynamodb:putItem", Parameters={"TableName": "t", "Item": {"a": "x"}}), [
        '"T" Parameters.Item.a: is the string "x", but the service expects an object; write its type too: {"S": "x"}',
    ]),
    (task(Resource="arn:aws:states:::lambda:invoke", Parameters={"FunctionName": "${F}", "Payload": 5}, Retry=RETRY), [
        "\"T\" Parameters.Payload: The value for the field 'Payload' must be a STRING; write \"5\"",
    ]),
    (task(Resource="arn:aws:states:::lambda:invoke", Parameters={"FunctionName": "${F}", "Payload": [{"a.$": "$.a"}]}, Retry=RETRY), []),
    (task(Resource="arn:aws:states:::dynamodb:putItem", Parameters={"TableName": "t", "Item": {"a": {"S": {"b.$": "$.b"}}, "c": {"SS": {"S": "x"}}}}), [
        "\"T\" Parameters.Item.a.S: The value for the field 'S' must be a STRING; pass its text: \"S.$\": \"States.JsonToString($...)\"",
        "\"T\" Parameters.Item.c.SS: The value for the field 'SS' must be an ARRAY; write an array",
    ]),
    (task(Resource="arn:aws:states:::sns:publish", QueryLanguage="JSONata", Arguments={"TopicArn": "${A}", "Message": {"a": "{% 1 %}"}, "Subject": ["a"]}), [
        "\"T\" Arguments.Subject: The value for the field 'Subject' must be a STRING; pass its text: \"Subject\": \"{% $string(...) %}\"",
    ]),
    (task(Resource="arn:aws:states:::aws-sdk:sfn:startExecution", Parameters={"StateMachineArn": "${A}", "Name": 5, "Input": {"a": 1}}), [
        "\"T\" Parameters.Name: The value for the field 'Name' must be a STRING; write \"5\"",
    ]),
    (task(Resource="arn:aws:states:::states:startExecution", Parameters={"StateMachineArn": "${A}", "Input": "monthly"}), [
        '"T" Parameters.Input: is the string "monthly", which is not JSON; write an object, or "\\"monthly\\""',
    ]),
    (task(Resource="arn:aws:states:::states:startExecution", Parameters={"StateMachineArn": "${A}", "Input": "[1, 2]"}), []),
    (task(Resource="arn:aws:states:::aws-sdk:ssm:putParameter", Parameters={"Name": "n", "Value": {"a": 1}}), [
        "\"T\" Parameters.Value: The value for the field 'Value' must be a STRING; pass its text: \"Value.$\": \"States.JsonToString($...)\"",
    ]),
    (task(Resource="arn:aws:states:::sqs:sendMessage.sync:2", Parameters={}), [
        "\"T\" Resource: The resource provided arn:aws:states:::sqs:sendMessage.sync:2 is not recognized. The value is not a valid resource ARN, or the resource is not available in this region; use .waitForTaskToken, or none",
        "\"T\" Parameters: The field 'QueueUrl' is required but was missing; add \"QueueUrl\"",
        "\"T\" Parameters: The field 'MessageBody' is required but was missing; add \"MessageBody\"",
    ]),
    (task(Resource="arn:aws:states:::glue:startJobRun.sync:2", Parameters={"JobName": "j"}), [
        "\"T\" Resource: The resource provided arn:aws:states:::glue:startJobRun.sync:2 is not recognized. The value is not a valid resource ARN, or the resource is not available in this region; only states:startExecution has .sync:2; write .sync",
    ]),
    (machine(C={"Type": "Choice", "QueryLanguage": "JSONata", "Choices": [{"Next": "D"}], "Default": "D"}, D=END), [
        "\"C\" Choices[0]: The object must have only one of the following fields, [And, Or, Not, Variable, Condition]; add \"Condition\": \"{% ... %}\"",
    ]),
    (machine(C={"Type": "Choice", "Choices": [{"Not": {"Variable": "$.a", "IsPresent": True}, "Next": "D"}, {"Variable": "$.a", "IsPresent": True, "Next": "D"}]}, D=END), []),
    (machine(C={"Type": "Choice", "QueryLanguage": "JSONata", "Choices": [{"Condition": "yes", "Next": "D"}], "Default": "D"}, D=END), [
        '"C" Choices[0].Condition: JSONata string must start with {% and end with %}, got "yes"; write "{% yes %}"',
    ]),
    (task(Parameters={"a.$": "States.Hash($.a, 'SHA256')", "b.$": "States.ArrayRange(1, 9, 0)", "c.$": "States.JsonMerge($.a, $.b, true)", "d.$": "States.ArrayLength(States.Format('{}'))"}), [
        '"T" Parameters.a.$: States.Hash fails: unknown algorithm \'SHA256\'; did you mean "SHA-256"?',
        "\"T\" Parameters.b.$: States.ArrayRange fails: the last argument is 0; write another number",
        '"T" Parameters.c.$: States.JsonMerge fails: it has no deep merge; write false',
        '"T" Parameters.d.$: States.Format fails: the template has 1 {} for 0 values; pass one value for each {}',
        "\"T\" Parameters.d.$: States.ArrayLength fails: States.Format('{}') is a string, but it takes a list; write States.StringToJson(States.Format('{}'))",
    ]),
    (task(Parameters={"a.$": "$$.Execution.Idd", "b.$": "$$.Task.Token.x", "c.$": "$$.Execution.Input.anything", "d.$": "$$.Map.Item.Value.x"}), [
        "\"T\" Parameters.a.$: the context object has no $$.Execution.Idd; did you mean \"Id\"?",
        '"T" Parameters.b.$: the context object has no $$.Task.Token.x; remove .x',
        '"T" Parameters.d.$: $$.Map is there only inside a Map; read the input, or move the state into the Map',
    ]),
    (task(Parameters={"list": ["$.a"], "price": "$.50", "b.$": "$.a"}), [
        '"T" Parameters.list[0]: "$.a" is a literal string here, not a path; build the whole list with States.Array($.one, $.other)',
    ]),
    (task(Resource="arn:aws:states:::http:invoke", Parameters={"Method": "GET", "ApiEndpoint": "http://example.com", "Authentication": {"ConnectionArn": "arn:aws:events:eu-west-1:111122223333:connection/a/b"}}, Retry=[{"ErrorEquals": ["States.Http.StatusCode.429", "States.Http.StatusCode.5xx", "States.Http.Sockets"]}]), [
        '"T" Parameters.ApiEndpoint: is "http://example.com", but the service expects an HTTPS endpoint; write https://HOST/PATH',
        '"T" Retry[0].ErrorEquals[1]: States.Http.StatusCode.5xx is not an error of the service; write a status code: States.Http.StatusCode.429',
        '"T" Retry[0].ErrorEquals[2]: States.Http.Sockets is not an error of the service; did you mean "States.Http.Socket"?',
    ]),
    (machine(P={"Type": "Parallel", "Branches": [machine(A={"Type": "Pass", "Next": "A"})], "End": True}), [
        '"P" Branches[0]: has no terminal state; add "End": true to one state',
    ]),
    (machine(A=publish("$.first", Next="B"), B=publish("$.second", End=True)), [
        '"B" Parameters.TopicArn.$: reads $.second, but $ has only MessageId, SequenceNumber, SdkHttpMetadata, SdkResponseMetadata (the result of sns:publish); keep the input of "A": add "ResultPath": null to it, or "$.result" for its result',
    ]),
    (machine(A=publish("$.first", Next="B"), B={"Type": "Pass", "Parameters": {"id.$": "$.sent.MessageId"}, "End": True}), [
        '"B" Parameters.id.$: reads $.sent.MessageId, but $ has only MessageId, SequenceNumber, SdkHttpMetadata, SdkResponseMetadata (the result of sns:publish); write $.MessageId, or add "ResultPath": "$.sent" to "A"',
    ]),
]  # fmt: skip


@pytest.mark.parametrize(("document", "findings"), MISTAKES)
def test_a_mistake_is_reported_with_its_remedy(document: dict[str, Any], findings: list[str]) -> None:
    assert [str(finding) for finding in check(document)] == findings


@pytest.mark.parametrize(
    ("rule", "findings"),
    [
        ({"Variable": "$.Payload.ok", "IsPresent": True}, []),
        ({"Variable": "$.ok", "IsPresent": True}, [f"$.ok, but $ {ANSWER}; write $.Payload.ok"]),
        ({"Variable": "$.other", "IsPresent": True}, []),
        ({"Condition": "{% $exists($states.input.Payload.ok) %}"}, []),
        (
            {"Condition": "{% $exists($states.input.ok) %}"},
            [f"$states.input.ok, but $states.input {ANSWER}; write $states.input.Payload.ok"],
        ),
        ({"Condition": "{% $exists($states.input.other) %}"}, []),
    ],
)
def test_a_test_of_a_field_that_is_one_level_below_is_a_mistake(rule: dict[str, Any], findings: list[str]) -> None:
    language = "JSONata" if "Condition" in rule else "JSONPath"
    invoke = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Retry": RETRY, "Next": "C"}
    fields = {"Arguments" if "Condition" in rule else "Parameters": {"FunctionName": "f", "Payload": {}}}
    choice = {"Type": "Choice", "Choices": [{**rule, "Next": "D"}], "Default": "D"}
    document = {**machine(A={**invoke, **fields}, C=choice, D={"Type": "Succeed"}), "QueryLanguage": language}
    gives = {"properties": {"ok": {"type": "boolean"}}, "required": ["ok"]}
    found = map(str, check(document, declared={"calls": {"A": {"gives": gives}}}))
    assert [text.partition(": reads ")[2] for text in found if ": reads " in text] == findings
