// Light or dark: as the system says, or as chosen.
import { find } from "./dom.js";

const KEY = "studio-theme";

export function followTheme(onchange) {
  const chosen = find("theme"), dark = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    document.documentElement.dataset.theme = chosen.value || (dark.matches ? "dark" : "light");
    onchange();
  };
  try { chosen.value = localStorage.getItem(KEY) ?? ""; } catch { /* a page from disk may have no storage */ }
  chosen.addEventListener("change", () => {
    apply();
    try { localStorage.setItem(KEY, chosen.value); } catch { /* as above */ }
  });
  dark.addEventListener("change", apply);
  apply();
}
