// Sends a request as a program would, and shows what came of it: status, headers, body.
import { element } from "./element.js";

/** @typedef {import("./document.js").Parameter} Parameter */
/** @typedef {{ method: string, path: string, values: { parameter: Parameter, value: string }[], body: string, key: string }} Asked */

// More is not read by anybody, and a page with it is slow.
const SHOWN_CHARS_MAX = 100_000;

/** @param {Asked} asked */
function address(asked) {
  let path = asked.path;
  const query = new URLSearchParams();
  for (const { parameter, value } of asked.values) {
    if (parameter.in === "path") path = path.replace(`{${parameter.name}}`, encodeURIComponent(value));
    else if (parameter.in === "query" && value !== "") query.append(parameter.name, value);
  }
  return query.size > 0 ? `${path}?${query}` : path;
}

/**
 * @param {Asked} asked
 * @returns {Record<string, string>}
 */
function headers(asked) {
  const named = asked.values.filter(({ parameter, value }) => parameter.in === "header" && value !== "");
  return {
    ...Object.fromEntries(named.map(({ parameter, value }) => [parameter.name, value])),
    ...(asked.body.trim() === "" ? {} : { "Content-Type": "application/json" }),
    ...(asked.key === "" ? {} : { Authorization: `Bearer ${asked.key}` }),
  };
}

/**
 * Sends it: with the key that was given, else with the session of who has signed in.
 * @param {Asked} asked
 * @param {AbortSignal} signal
 */
export function send(asked, signal) {
  const body = asked.body.trim() === "" ? undefined : asked.body;
  const credentials = asked.key === "" ? "same-origin" : "omit";
  return fetch(address(asked), { method: asked.method, headers: headers(asked), body, credentials, signal });
}

/**
 * Shows an answer as it comes, a stream piece by piece.
 * @param {HTMLElement} place
 * @param {Asked} asked
 * @param {Promise<Response>} sending
 */
export async function shown(place, asked, sending) {
  const started = performance.now();
  place.replaceChildren(element("p", { class: "quiet small" }, "Sent…"));
  try {
    const answer = await sending;
    const took = Math.round(performance.now() - started);
    const status = element("span", { class: answer.ok ? "chip accent" : "chip hot" }, `${answer.status} ${answer.statusText}`);
    const lines = [...answer.headers].map(([name, value]) => `${name}: ${value}`).join("\n");
    const body = element("pre", { class: "code", tabindex: "0", "aria-label": "Body of the answer" });
    place.replaceChildren(
      element("p", { class: "line" }, status, element("span", { class: "quiet small" }, `${took} ms`)),
      folded("Headers", lines),
      folded("As curl", curl(asked)),
      body,
    );
    await fill(body, answer);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") return;
    place.replaceChildren(element("p", { class: "wrong", role: "alert" }, `Nothing was answered: ${String(error)}`));
  }
}

/**
 * @param {HTMLElement} place
 * @param {Response} answer
 */
async function fill(place, answer) {
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  const isJson = /json$/.test(answer.headers.get("content-type")?.split(";")[0] ?? "");
  let text = "";
  while (reader && text.length < SHOWN_CHARS_MAX) {
    const { value, done } = await reader.read();
    if (done) break;
    text += value;
    if (!isJson) place.textContent = text;
  }
  void reader?.cancel().catch(() => {});
  place.textContent = isJson ? pretty(text) : text.slice(0, SHOWN_CHARS_MAX);
  if (text === "") place.textContent = "No body.";
}

/** @param {string} text */
function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2).slice(0, SHOWN_CHARS_MAX);
  } catch {
    return text.slice(0, SHOWN_CHARS_MAX);
  }
}

/**
 * @param {string} title
 * @param {string} text
 */
function folded(title, text) {
  const content = element("pre", { class: "code", tabindex: "0", "aria-label": title }, text);
  return element("details", {}, element("summary", { class: "small" }, title), content);
}

/** The same request for a shell; the key itself is left out of what may be copied. @param {Asked} asked */
function curl(asked) {
  const quoted = (/** @type {string} */ text) => `'${text.replaceAll("'", "'\\''")}'`;
  const parts = [`curl -X ${asked.method} ${quoted(location.origin + address(asked))}`];
  for (const [name, value] of Object.entries({ ...headers(asked), Authorization: "" })) {
    parts.push(name === "Authorization" ? '-H "Authorization: Bearer $ASKWELL_KEY"' : `-H ${quoted(`${name}: ${value}`)}`);
  }
  if (asked.body.trim() !== "") parts.push(`--data ${quoted(asked.body)}`);
  return parts.join(" \\\n  ");
}
