// A field above the operations that leaves those which fit, and addresses that open theirs.

/** @param {HTMLElement} page */
export function startFinder(page) {
  const field = /** @type {HTMLInputElement} */ (page.querySelector("[data-find]"));
  const none = /** @type {HTMLElement} */ (page.querySelector("[data-none]"));
  const groups = [...page.querySelectorAll("[data-group]")].map((group) => ({
    group: /** @type {HTMLElement} */ (group),
    operations: [...group.querySelectorAll("details.operation")].map((operation) => ({
      operation: /** @type {HTMLElement} */ (operation),
      text: `${operation.querySelector("summary")?.textContent ?? ""}`.toLowerCase().replace(/\s+/g, " "),
    })),
  }));
  /** @type {HTMLElement} */ (page.querySelector("[data-tools]")).hidden = false;
  field.addEventListener("input", () => {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    let n = 0;
    for (const { group, operations } of groups) {
      let nHere = 0;
      for (const { operation, text } of operations) {
        operation.hidden = !words.every((word) => text.includes(word));
        nHere += operation.hidden ? 0 : 1;
      }
      group.hidden = nHere === 0;
      n += nHere;
    }
    none.hidden = n > 0;
  });
  window.addEventListener("hashchange", openNamed);
  openNamed();
}

function openNamed() {
  const named = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!(named instanceof HTMLDetailsElement)) return;
  named.open = true;
  named.scrollIntoView();
}
