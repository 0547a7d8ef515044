// Runs one Lambda function in Node.js, as node_process.py starts it: node node_runner.mjs REQUESTS REPLIES.
//
// The two arguments are file descriptors. Requests are lines of JSON. A reply is a letter and JSON in one line:
// I: the module is loaded, R: a result, E: an error of the handler, L: an error while loading, M: a package is missing.
// The rules of loading and calling are those of aws-lambda-nodejs-runtime-interface-client, in version 3 for runtimes
// up to nodejs22.x, which take callbacks, and in version 4 from nodejs24.x on.

import dns from "node:dns";
import { existsSync, readFileSync, writeSync } from "node:fs";
import { createRequire, syncBuiltinESMExports } from "node:module";
import { Socket } from "node:net";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";

if (isMainThread) {
  refuseAws(process.env.AWS_ENDPOINT_URL);
  serve(...process.argv.splice(2).map(Number));
} else {
  forwardRequests(workerData);
}

// In a thread of its own, because a handler may never give the event loop back. When nobody is left to send requests,
// the process and all that it started end at once.
function forwardRequests(descriptor) {
  const socket = new Socket({ fd: descriptor, readable: true, writable: false }).setEncoding("utf8");
  let parts = [];
  socket.on("data", (text) => {
    const lines = text.split("\n");
    while (lines.length > 1) {
      parentPort.postMessage([...parts, lines.shift()].join(""));
      parts = [];
    }
    parts.push(lines[0]);
  });
  socket.on("error", () => {});
  socket.on("close", () => process.kill(-process.pid, "SIGKILL"));
}

// An AWS SDK that ignores AWS_ENDPOINT_URL, or that sends a message to the host in a queue's URL, must not reach AWS.
function refuseAws(endpoint) {
  const isAws = (host) => /(^|\.)(amazonaws\.com(\.cn)?|api\.aws)$/i.test(host);
  if (isAws(new URL(endpoint).hostname)) return;
  const refusal = (hostname) => {
    const message = `${hostname} is not called in a local run: an AWS SDK must use AWS_ENDPOINT_URL, which is ${endpoint}`;
    return Object.assign(new Error(message), { code: "ENOTFOUND", syscall: "getaddrinfo", hostname });
  };
  const { lookup } = dns;
  const { lookup: lookupPromise } = dns.promises;
  dns.lookup = (host, ...rest) => {
    if (isAws(host)) process.nextTick(rest.at(-1), refusal(host));
    else lookup(host, ...rest);
  };
  dns.promises.lookup = async (host, ...rest) => {
    if (isAws(host)) throw refusal(host);
    return lookupPromise(host, ...rest);
  };
  syncBuiltinESMExports();
}

async function serve(requests, replies) {
  const reply = (kind, text = "") => {
    const bytes = Buffer.from(`${kind}${text}\n`);
    for (let sent = 0; sent < bytes.length; ) sent += writeSync(replies, bytes, sent);
  };
  const worker = new Worker(new URL(import.meta.url), { workerData: requests, env: {}, execArgv: [] });
  worker.unref(); // while a handler runs, only its own work keeps the event loop from being empty
  const turn = { onEmpty: () => process.exit(UNSETTLED), onError: (error) => reply("L", described(error)) };
  process.on("beforeExit", () => turn.onEmpty());
  process.on("uncaughtException", (error) => crash(turn, "Uncaught Exception", error, 129));
  process.on("unhandledRejection", (reason) => {
    crash(turn, "Unhandled Promise Rejection", namedError("Runtime.UnhandledPromiseRejection", String(reason)), 128);
  });
  let handler;
  try {
    handler = await load(process.env.LAMBDA_TASK_ROOT, process.env._HANDLER);
  } catch (error) {
    const missing = missingPackage(error);
    reply(...(missing ? ["M", JSON.stringify(missing)] : ["L", described(error)]));
    process.exit(129);
  }
  const idle = () => {
    turn.onEmpty = turn.onError = () => {};
    worker.ref();
  };
  idle();
  worker.on("message", (line) => {
    worker.unref();
    const answer = onlyOnce((kind, text, isLast = false) => {
      idle();
      if (isLast) reply(kind, text);
      else afterOutput(() => reply(kind, text));
    });
    turn.onError = (error) => answer("E", described(error), true);
    const call = TAKES_CALLBACKS ? callWithCallback : callAsync;
    call(handler, JSON.parse(line), answer, turn);
  });
  reply("I");
}

const UNSETTLED = 13; // Node.js: exit code "Unsettled Top-Level Await"
const TAKES_CALLBACKS = !(Number(/nodejs(\d+)/.exec(process.env.AWS_EXECUTION_ENV)?.[1]) >= 24);

function crash(turn, message, error, code) {
  console.error(message, error);
  turn.onError(error);
  process.exit(code);
}

// A pipe that is full makes output wait: it is to be read before the reply.
function afterOutput(action) {
  process.stdout.write("", () => process.stderr.write("", () => action()));
}

function onlyOnce(action) {
  let isDone = false;
  return (...values) => {
    if (isDone) return;
    isDone = true;
    action(...values);
  };
}

// A runtime from nodejs24.x on: the handler's value or promise is the result.
async function callAsync(handler, { event, context }, answer, turn) {
  turn.onEmpty = () => process.exit(UNSETTLED);
  try {
    answer("R", serialized(await handler(JSON.parse(event), contextOf(context))));
  } catch (error) {
    answer("E", described(error));
  }
}

// A runtime up to nodejs22.x: a promise, the callback, or succeed, fail and done of the context, whichever is first.
// A handler that does none of these has the result null once the event loop is empty.
function callWithCallback(handler, { event, context }, answer, turn) {
  turn.onEmpty = () => answer("R", "null");
  let waits = true;
  let isFinished = false;
  const first = (action) => (...values) => {
    if (isFinished) return;
    action(...values);
    isFinished = true;
  };
  const done = (error, result) => {
    if (isNothing(error)) answer("R", serialized(result));
    else answer("E", described(error));
  };
  const callback = first((error, result) => {
    if (isNothing(error) && waits) turn.onEmpty = () => done(null, result);
    else done(error, result);
  });
  const methods = {
    get callbackWaitsForEmptyEventLoop() {
      return waits;
    },
    set callbackWaitsForEmptyEventLoop(value) {
      waits = value;
    },
    succeed: first((result) => done(null, result)),
    fail: first((error) => done(isNothing(error) ? "handled" : error)),
    done: first(done),
  };
  try {
    const result = handler(JSON.parse(event), Object.assign(methods, contextOf(context)), callback);
    if (typeof result?.then === "function") {
      // Lambda developer guide, "Troubleshoot invocation issues", "Unexpected Node.js exit in runtime".
      turn.onEmpty = () => process.exit(UNSETTLED);
      result.then(methods.succeed, methods.fail).catch(methods.fail);
    }
  } catch (error) {
    callback(error);
  }
}

function isNothing(error) {
  return error === undefined || error === null;
}

function contextOf({ timeout, ...properties }) {
  const deadline = Date.now() + timeout * 1000;
  return { ...properties, getRemainingTimeInMillis: () => deadline - Date.now() };
}

function serialized(result) {
  try {
    return JSON.stringify(result) ?? "null";
  } catch {
    const name = TAKES_CALLBACKS ? "Error" : "Runtime.JSONStringifyError";
    throw namedError(name, "Unable to stringify response body");
  }
}

function namedError(name, message) {
  return Object.assign(new Error(message), { name, stack: `${name}: ${message}` });
}

// The payload of an error. The stack ends where this file called. The function's files are where Lambda has them.
function described(error) {
  const isError = error instanceof Error || [error?.name, error?.message, error?.stack].every(isText);
  const inLambda = (text) => text.replaceAll(`${process.env.LAMBDA_TASK_ROOT}/`, "/var/task/").replaceAll("\x7F", "%7F");
  try {
    return JSON.stringify({
      errorType: isError ? inLambda(error.name) : typeof error,
      errorMessage: inLambda(isError ? error.message : String(error)),
      trace: isError ? ownLines(error.stack ?? "").map(inLambda) : [],
    });
  } catch {
    const message = "callback called with Error argument, but there was a problem while retrieving one or more of its ";
    return JSON.stringify({ errorType: "handled", errorMessage: `${message}message, name, and stack` });
  }
}

function ownLines(stack) {
  const lines = stack.split("\n");
  const end = lines.findIndex((line) => /^\s+at /.test(line) && line.includes(OWN_FILE));
  return end === -1 ? lines : lines.slice(0, end);
}

const OWN_FILE = fileURLToPath(import.meta.url);

function isText(value) {
  return typeof value === "string" && value !== "";
}

// The function that a Handler such as src/app.lambdaHandler names, from the first of these: src/app as it is, app.js (an
// ES module if the nearest package.json says so), app.mjs, app.cjs, or a package of this name.
async function load(root, name) {
  const file = basename(name);
  const [, module, path] = /^([^.]*)\.(.*)$/.exec(file) ?? [];
  if (name.includes("..") || module === undefined) throw namedError("Runtime.MalformedHandlerName", "Bad handler");
  const folder = name.slice(0, name.length - file.length);
  const exported = await exportsOf(root, folder, module).catch((error) => {
    const isMissing = error?.code === "MODULE_NOT_FOUND";
    const type = isMissing ? "ImportModuleError" : error instanceof SyntaxError ? "UserCodeSyntaxError" : "";
    throw type ? Object.assign(error, { message: String(error), name: `Runtime.${type}` }) : error;
  });
  const handler = path.split(".").reduce((value, key) => value && value[key], exported);
  if (!handler) throw namedError("Runtime.HandlerNotFound", `${name} is undefined or not exported`);
  if (typeof handler !== "function") throw namedError("Runtime.HandlerNotFound", `${name} is not a function`);
  if (!TAKES_CALLBACKS && handler.length >= 3) {
    const change = "AWS Lambda has removed support for callback-based function handlers starting with Node.js 24.";
    const remedy = "You need to modify this function to use a supported handler signature to use Node.js 24 or later.";
    throw namedError("Runtime.CallbackHandlerDeprecated", `ERROR: ${change} ${remedy}`);
  }
  return handler;
}

async function exportsOf(root, folder, module) {
  const path = resolve(root, folder, module);
  const load = createRequire(join(root, "package.json"));
  const isModule = existsSync(`${path}.js`) && isModuleFolder(dirname(path));
  if (existsSync(path)) return load(path);
  if (existsSync(`${path}.js`)) return isModule ? import(pathToFileURL(`${path}.js`).href) : load(`${path}.js`);
  if (existsSync(`${path}.mjs`)) return import(pathToFileURL(`${path}.mjs`).href);
  return load(existsSync(`${path}.cjs`) ? `${path}.cjs` : load.resolve(module, { paths: [root, join(root, folder)] }));
}

function isModuleFolder(folder) {
  if (folder.endsWith("/node_modules")) return false;
  const file = join(folder, "package.json");
  if (existsSync(file)) {
    try {
      return JSON.parse(readFileSync(file, "utf8"))?.type === "module";
    } catch {
      return false;
    }
  }
  return dirname(folder) !== folder && isModuleFolder(dirname(folder));
}

// The name of the package that could not be imported; "" if the error is another one.
function missingPackage(error) {
  const isMissing = ["MODULE_NOT_FOUND", "ERR_MODULE_NOT_FOUND"].includes(error?.code);
  const [, name = ""] = (isMissing && /Cannot find (?:module|package) '([^']+)'/.exec(error.message)) || [];
  return /^[./]|^\w:|^file:/.test(name) ? "" : /^(@[^/]+\/)?[^/]*/.exec(name)[0];
}
