// The server behind the page; null for a page that was opened from a file.

export const isLive = location.protocol.startsWith("http") && document.documentElement.dataset.live === "yes";

const PAUSE = 1500; // milliseconds, before a server that does not answer is asked again
const LOST = "The studio does not answer. If it has ended, start it again with `workflow-dsl studio`, and open the address that it prints";
const REPLACED = "The studio was started again. Open the address that it printed"; // with another token, see SECURITY.md

export async function ask(operation, body) {
  const lost = () => { throw new Error(`${LOST}.`); };
  const answer = await fetch(operation, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) }).catch(lost);
  const content = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(content.problem ?? `The studio answered ${answer.status}`);
  return content;
}

export async function follow(version, onchange, onlost) { // onchange gets each new content, onlost words or null
  let isLost = false;
  for (;;) {
    const answer = await fetch(`changes?after=${version}`).catch(() => null);
    const change = answer?.status === 200 ? await answer.json().catch(() => null) : null;
    if (answer?.status === 404) { onlost(REPLACED); return; } // it has another token, for as long as it runs
    if (change) {
      version = change.version;
      onchange(change.content);
    }
    const wasLost = isLost;
    isLost = !change && answer?.status !== 204;
    if (isLost && !wasLost) onlost(LOST);
    if (!isLost && wasLost) onlost(null);
    if (isLost) await new Promise((resume) => setTimeout(resume, PAUSE));
  }
}
