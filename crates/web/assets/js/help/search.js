// Hits while typing, under any search field: a combobox whose list the server renders.
import { remember } from "./recent.js";
import { askLater } from "./pending.js";

/** Waiting this long after a key gathers fast typing into one request and is not felt (ms). */
const PAUSE_MS = 50;
let n_lists = 0;

/** @param {HTMLFormElement} form */
export function startSearch(form) {
  const input = /** @type {HTMLInputElement} */ (form.elements.namedItem("q"));
  const list = document.createElement("div");
  list.id = `hits-${n_lists++}`;
  list.className = "card hits";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Articles");
  list.hidden = true;
  form.append(list);
  for (const [name, value] of Object.entries({
    role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id,
  })) input.setAttribute(name, value);

  /** @type {AbortController | undefined} */
  let request;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let active = -1;

  const options = () => /** @type {HTMLElement[]} */ ([...list.querySelectorAll("[role=option]")]);

  /** @param {boolean} open */
  function show(open) {
    list.hidden = !open;
    input.setAttribute("aria-expanded", String(open));
    if (!open) choose(-1);
  }

  /** @param {number} index */
  function choose(index) {
    active = index;
    options().forEach((option, i) => {
      option.setAttribute("aria-selected", String(i === index));
      if (i === index) option.scrollIntoView({ block: "nearest" });
    });
    const chosen = options()[index];
    if (chosen) input.setAttribute("aria-activedescendant", chosen.id);
    else input.removeAttribute("aria-activedescendant");
  }

  async function look() {
    request?.abort();
    const query = input.value.trim();
    if (!query) return show(false);
    request = new AbortController();
    try {
      const response = await fetch(`/search?part=hits&q=${encodeURIComponent(query)}`, { signal: request.signal });
      if (!response.ok) return;
      list.innerHTML = await response.text();
      options().forEach((option, i) => { option.id = `${list.id}-${i}`; });
      if (document.activeElement === input) show(true);
      choose(-1);
    } catch {
      // Typing went on, or the network is gone; the form still works.
    }
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, PAUSE_MS);
  });
  input.addEventListener("focus", () => { if (list.childElementCount > 0 && input.value.trim()) show(true); });
  input.addEventListener("keydown", (event) => {
    const n = options().length;
    if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      event.stopPropagation();
      show(false);
    } else if (list.hidden || n === 0) {
      return;
    } else if (event.key === "ArrowDown") {
      event.preventDefault();
      choose((active + 1) % n);
    } else if (event.key === "ArrowUp") {
      event.preventDefault();
      choose((active - 1 + n) % n);
    } else if (event.key === "Enter" && active >= 0) {
      event.preventDefault();
      options()[active]?.click();
    }
  });
  form.addEventListener("focusout", (event) => {
    if (!form.contains(/** @type {Node | null} */ (event.relatedTarget))) show(false);
  });
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = /** @type {HTMLElement} */ (event.target).closest("a");
    if (!option) return;
    remember(input.value);
    if (option.hasAttribute("data-ask-option")) {
      event.preventDefault();
      askLater(input.value);
    }
  });
  form.addEventListener("submit", (event) => {
    remember(input.value);
    const pressed = /** @type {SubmitEvent} */ (event).submitter;
    if (pressed?.hasAttribute("data-ask-button")) {
      event.preventDefault();
      askLater(input.value);
    }
  });
}

for (const link of document.querySelectorAll("[data-ask-link]")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    askLater(new URL(/** @type {HTMLAnchorElement} */ (link).href).searchParams.get("q") ?? "");
  });
}
