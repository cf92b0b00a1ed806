// `/` or Ctrl-K opens search from anywhere: the page's own field where it has one, else a dialog.
import { recent } from "./recent.js";
import { startSearch } from "./search.js";

/** @type {HTMLDialogElement | undefined} */
let dialog;

export function startPalette() {
  for (const opener of document.querySelectorAll("[data-opens-search]")) {
    opener.addEventListener("click", (event) => {
      event.preventDefault();
      open();
    });
  }
  document.addEventListener("keydown", (event) => {
    const isTyping = event.target instanceof Element && event.target.closest("input, textarea, select, [contenteditable]");
    const isShortcut = (event.key === "k" && (event.ctrlKey || event.metaKey)) || (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey);
    if (isShortcut) {
      event.preventDefault();
      open();
    }
  });
}

function open() {
  const own = /** @type {HTMLInputElement | null} */ (document.querySelector("main [data-search] input[name=q]"));
  if (own) {
    own.focus();
    own.select();
    return;
  }
  dialog ??= make();
  showRecent(dialog);
  if (!dialog.open) dialog.showModal();
  dialog.querySelector("input")?.focus();
}

function make() {
  const made = document.createElement("dialog");
  made.className = "palette";
  made.setAttribute("aria-label", "Search");
  made.innerHTML = `<form class="search" action="/search" role="search" data-search>
    <input type="search" name="q" aria-label="Search or ask a question" placeholder="Search or ask a question" autocomplete="off" maxlength="1000">
    <button class="unseen" tabindex="-1">Search</button><span class="kbd" aria-hidden="true">Esc</span>
    <button class="btn primary" data-ask-button>Ask</button></form><div class="card recent" hidden></div>`;
  document.body.append(made);
  const form = /** @type {HTMLFormElement} */ (made.querySelector("form"));
  startSearch(form);
  made.addEventListener("click", (event) => { if (event.target === made) made.close(); });
  form.addEventListener("input", () => showRecent(made));
  return made;
}

/** @param {HTMLDialogElement} shown */
function showRecent(shown) {
  const box = /** @type {HTMLElement} */ (shown.querySelector(".recent"));
  const input = /** @type {HTMLInputElement} */ (shown.querySelector("input"));
  const queries = recent();
  box.hidden = queries.length === 0 || input.value !== "";
  box.replaceChildren(label(), ...queries.map((query) => {
    const link = document.createElement("a");
    link.className = "chip";
    link.href = `/search?q=${encodeURIComponent(query)}`;
    link.textContent = query;
    return link;
  }));
}

function label() {
  const text = document.createElement("span");
  text.className = "small quiet";
  text.textContent = "Recent";
  return text;
}
