// Evaluates expressions, one a line, with the jsonata package whose folder is the first argument.
const jsonata = require(process.argv[2]);

const isFunction = value =>
    typeof value === "function" || (value && (value._jsonata_function === true || value._jsonata_lambda === true));

function plain(value) {
    if (isFunction(value)) throw {code: "FUNCTION"};
    if (typeof value === "number" && !Number.isFinite(value)) return String(value);
    if (Array.isArray(value)) return Array.from(value, item => (item === undefined ? null : plain(item)));
    if (value === null || typeof value !== "object") return value;
    const members = Object.entries(value).filter(([, member]) => member !== undefined);
    return Object.fromEntries(members.map(([name, member]) => [name, plain(member)]));
}

async function answer(line) {
    const {expression, variables} = JSON.parse(line);
    try {
        const value = await jsonata(expression).evaluate(undefined, variables);
        return value === undefined ? {undefined: true} : {value: plain(value)};
    } catch (error) {
        return {error: error.code || "none", message: String(error.message)};
    }
}

const lines = require("readline").createInterface({input: process.stdin});
(async () => {
    for await (const line of lines) console.log(JSON.stringify(await answer(line)));
})();
