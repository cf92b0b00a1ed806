// The last searches of this browser, kept in it and nowhere else.

const KEY = "askwell.recent";
const N_MAX = 5;

/** @returns {string[]} */
export function recent() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(kept) ? kept.filter((query) => typeof query === "string").slice(0, N_MAX) : [];
  } catch {
    return [];
  }
}

/** @param {string} query */
export function remember(query) {
  const text = query.trim();
  if (!text) return;
  const kept = [text, ...recent().filter((other) => other !== text)].slice(0, N_MAX);
  try {
    localStorage.setItem(KEY, JSON.stringify(kept));
  } catch {
    // A full or forbidden storage costs the list, nothing else.
  }
}
