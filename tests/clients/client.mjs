// The JavaScript SDK with a server: state machines, executions, pages of a history, a task token, and errors.
import { createRequire } from "node:module";

const require = createRequire(`${process.env.NODE_PACKAGES}/package.json`);
const sfn = require("@aws-sdk/client-sfn");

const client = new sfn.SFNClient({ endpoint: process.env.AWS_ENDPOINT_URL, disableHostPrefix: true });
const roleArn = "arn:aws:iam::111111111111:role/runner";
const say = (...words) => console.log(JSON.stringify(words));
const call = async (name, input = {}) => client.send(new sfn[`${name}Command`](input));
const create = async (name, state, type = "STANDARD") => {
  const definition = JSON.stringify({ StartAt: "S", States: { S: { ...state, End: true } } });
  return (await call("CreateStateMachine", { name, definition, roleArn, type })).stateMachineArn;
};

const express = await create("express", { Type: "Pass", Parameters: { "sum.$": "States.MathAdd($.a, 1)" } }, "EXPRESS");
const answer = await call("StartSyncExecution", { stateMachineArn: express, input: '{"a": 1}' });
say(answer.status, answer.output);

const { activityArn } = await call("CreateActivity", { name: "work" });
const asking = await create("asking", { Type: "Task", Resource: activityArn });
const { executionArn, startDate } = await call("StartExecution", { stateMachineArn: asking, input: '{"b": 2}' });
const task = await call("GetActivityTask", { activityArn });
say((await call("DescribeExecution", { executionArn })).status, startDate instanceof Date);
await call("SendTaskSuccess", { taskToken: task.taskToken, output: task.input });
let execution;
do {
  execution = await call("DescribeExecution", { executionArn });
} while (execution.status === "RUNNING");
say(execution.status, execution.output);

const types = [];
for await (const page of sfn.paginateGetExecutionHistory({ client, pageSize: 2 }, { executionArn })) {
  types.push(...page.events.map((event) => event.type));
}
say(...types);

try {
  await call("DescribeExecution", { executionArn: `${executionArn}x` });
} catch (problem) {
  say(problem instanceof sfn.ExecutionDoesNotExist, problem.name, problem.$metadata.httpStatusCode);
}
const tested = await call("TestState", { definition: '{"Type": "Fail", "Error": "No"}', roleArn, input: "{}" });
say(tested.status, tested.error);
