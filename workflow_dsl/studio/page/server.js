// The server behind the page; null for a page that was opened from a file.

export const isLive = location.protocol.startsWith("http") && document.documentElement.dataset.live === "yes";

export async function ask(operation, body) {
  const lost = () => { throw new Error("The studio does not answer. Start it again with `workflow-dsl studio`, and open the address that it prints."); };
  const answer = await fetch(operation, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) }).catch(lost);
  const content = await answer.json().catch(() => ({ problem: `The studio answered ${answer.status}` }));
  if (!answer.ok) throw new Error(content.problem ?? `The studio answered ${answer.status}`);
  return content;
}

export async function follow(version, onchange, onlost) { // calls onchange with each new content
  let isLost = false;
  for (;;) {
    try {
      const answer = await fetch(`changes?after=${version}`);
      if (answer.status === 200) {
        const change = await answer.json();
        version = change.version;
        onchange(change.content);
      } else if (answer.status !== 204) throw new Error(String(answer.status));
      if (isLost) { isLost = false; onlost(false); }
    } catch {
      if (!isLost) { isLost = true; onlost(true); }
      await new Promise((resume) => setTimeout(resume, 1500));
    }
  }
}
