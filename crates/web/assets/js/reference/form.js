// "Try it" of each operation: a form from its description, made when the operation is opened.
import { describe } from "./document.js";
import { element } from "./element.js";
import { send, shown } from "./request.js";

/** @typedef {import("./document.js").Parameter} Parameter */

/** @param {HTMLElement} page */
export function startTrying(page) {
  const key = /** @type {HTMLInputElement} */ (page.querySelector("[data-key]"));
  for (const details of page.querySelectorAll("details.operation")) {
    const place = /** @type {HTMLElement} */ (details.querySelector("[data-try]"));
    const open = () => {
      if (/** @type {HTMLDetailsElement} */ (details).open && !place.hasChildNodes()) void make(place, key);
    };
    details.addEventListener("toggle", open);
    open();
  }
}

/**
 * @param {HTMLElement} place
 * @param {HTMLInputElement} key
 */
async function make(place, key) {
  const { method = "", path = "" } = place.dataset;
  place.append(element("p", { class: "quiet small" }, "Reading what it takes…"));
  try {
    const { parameters, example } = await describe(method, path);
    place.replaceChildren(form(method, path, parameters, example, key));
  } catch (error) {
    place.replaceChildren(element("p", { class: "wrong", role: "alert" }, `This cannot be tried out now: ${String(error)}`));
  }
}

/**
 * @param {string} method
 * @param {string} path
 * @param {Parameter[]} parameters
 * @param {string | null} example
 * @param {HTMLInputElement} key
 */
function form(method, path, parameters, example, key) {
  const fields = parameters.map((parameter) => ({ parameter, input: field(parameter) }));
  const rows = String(Math.min(16, Math.max(4, (example ?? "").split("\n").length + 1)));
  const body = example === null ? null : element("textarea", { rows, spellcheck: "false", class: "code" });
  if (body instanceof HTMLTextAreaElement) body.value = example ?? "";
  const button = element("button", { class: "btn primary", type: "submit" }, "Send");
  const answer = element("div", { class: "answer", "aria-live": "polite" });
  const made = element(
    "form",
    { class: "try" },
    element("h3", {}, "Try it"),
    ...(fields.length > 0
      ? [element("div", { class: "pair" }, ...fields.map(({ parameter, input }) => label(parameter, input)))]
      : []),
    ...(body ? [element("label", {}, element("span", {}, "Body"), body)] : []),
    element("div", { class: "line" }, button, element("span", { class: "quiet small" }, method === "GET" ? "" : "This is the live site: what you send is done.")),
    answer,
  );
  /** @type {AbortController | undefined} */
  let sending;
  made.addEventListener("submit", async (event) => {
    event.preventDefault();
    // The second press of the button ends a stream.
    if (sending) return sending.abort();
    sending = new AbortController();
    button.textContent = "Stop";
    const values = fields.map(({ parameter, input }) => ({ parameter, value: input.value.trim() }));
    const request = { method, path, values, body: body instanceof HTMLTextAreaElement ? body.value : "", key: key.value.trim() };
    await shown(answer, request, send(request, sending.signal));
    button.textContent = "Send";
    sending = undefined;
  });
  return made;
}

/** @param {Parameter} parameter */
function field(parameter) {
  const input = document.createElement("input");
  input.required = Boolean(parameter.required);
  input.autocomplete = "off";
  input.spellcheck = false;
  return input;
}

/**
 * @param {Parameter} parameter
 * @param {HTMLInputElement} input
 */
function label(parameter, input) {
  const place = parameter.in + (parameter.required ? ", required" : "");
  const name = element("span", {}, element("code", {}, parameter.name), element("span", { class: "quiet" }, ` ${place}`));
  return element("label", {}, name, input);
}
