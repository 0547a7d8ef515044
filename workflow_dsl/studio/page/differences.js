// What differs between two JSON values: [[path, "added" | "removed" | "altered", text]].

const MOST_DIFFERENCES = 200;

export function differences(before, after, path = "$") {
  if (Object.is(before, after)) return [];
  const isObject = (value) => value !== null && typeof value === "object";
  if (!isObject(before) || !isObject(after) || Array.isArray(before) !== Array.isArray(after)) {
    return [[path, "altered", `${short(before)} to ${short(after)}`]];
  }
  const found = [];
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const here = Array.isArray(after) ? `${path}[${name}]` : `${path}.${name}`;
    if (!(name in before)) found.push([here, "added", short(after[name])]);
    else if (!(name in after)) found.push([here, "removed", short(before[name])]);
    else found.push(...differences(before[name], after[name], here));
    if (found.length > MOST_DIFFERENCES) break;
  }
  return found;
}

const short = (value) => {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
};
