// The ask panel: answers stream into the log, forms in it are sent without leaving the page.
// The server renders every part; the conversation's token is in a cookie that this script cannot read.
import { takePending } from "./pending.js";
import { readEvents } from "./stream.js";
import { startTips } from "./tip.js";

/** Set once something was asked in this browser, so that pages fetch the conversation only where there is one. */
const ASKED = "askwell.asked";
const HIDDEN = "askwell.hidden";
/** How often a reply of the team is looked for while the page is seen (ms). */
const LOOK_MS = 3000;

/** @param {HTMLElement} panel */
export function startAsk(panel) {
  const log = /** @type {HTMLElement} */ (panel.querySelector("[data-log]"));
  const say = /** @type {HTMLFormElement} */ (panel.querySelector("form.say"));
  const input = /** @type {HTMLInputElement} */ (say.elements.namedItem("text"));
  const send = /** @type {HTMLButtonElement} */ (panel.querySelector("[data-send]"));
  const stop = /** @type {HTMLButtonElement} */ (panel.querySelector("[data-stop]"));
  const isSide = panel.classList.contains("side");
  /** @type {AbortController | undefined} */
  let running;
  let sent = false;

  const turns = () => /** @type {HTMLElement} */ (log.querySelector("[data-turns]"));
  const tail = () => /** @type {HTMLElement} */ (log.querySelector("[data-tail]"));
  const toEnd = () => { log.scrollTop = log.scrollHeight; };
  /** The last question on top, so that what is longer than the log is read from its beginning. */
  const toQuestion = () => {
    const asked = [.../** @type {NodeListOf<HTMLElement>} */ (turns().querySelectorAll(".turn.you"))].pop();
    if (asked) log.scrollTop = asked.offsetTop - 12;
    else toEnd();
  };

  /** @param {string} text */
  async function ask(text) {
    if (running || !text.trim()) return;
    sent = true;
    localStorage.setItem(ASKED, "1");
    log.querySelector(".hello")?.remove();
    tail().replaceChildren();
    for (const old of turns().querySelectorAll("[data-feedback], .options")) old.remove();
    turns().append(bubble(text));
    const draft = document.createElement("div");
    draft.className = "turn bot";
    draft.setAttribute("aria-busy", "true");
    draft.innerHTML = '<span class="thinking">Searching the articles</span><div class="prose" dir="auto"></div>';
    const prose = /** @type {HTMLElement} */ (draft.querySelector(".prose"));
    turns().append(draft);
    toEnd();
    input.value = "";
    busy(true);
    running = new AbortController();
    let isDone = false;
    try {
      const response = await fetch("/ask", {
        method: "POST",
        headers: { accept: "text/event-stream" },
        body: new URLSearchParams({ text }),
        signal: running.signal,
      });
      if (!response.headers.get("content-type")?.startsWith("text/event-stream")) throw new Error(await refusal(response));
      await readEvents(response, (name, data) => {
        if (name === "answer") {
          prose.innerHTML = data.html;
          draft.querySelector(".thinking")?.remove();
        } else if (name === "done") {
          isDone = true;
          draft.outerHTML = data.entry;
          tail().innerHTML = data.tail;
          turns().dataset.n = String(data.n_turns);
          turns().toggleAttribute("data-waiting", data.is_waiting);
        } else if (name === "error") {
          throw new Error(data.text);
        }
        toQuestion();
      });
      if (!isDone) throw new Error("The connection broke. The answer will be here when you reload.");
    } catch (error) {
      const stopped = running.signal.aborted;
      draft.removeAttribute("aria-busy");
      draft.querySelector(".thinking")?.remove();
      const note = document.createElement("p");
      note.className = "small quiet";
      note.textContent = stopped ? "Stopped." : error instanceof Error && error.message ? error.message : "That could not be sent.";
      draft.append(note);
      if (!stopped) input.value = text;
    } finally {
      running = undefined;
      busy(false);
      toQuestion();
    }
  }

  /** @param {boolean} on */
  function busy(on) {
    send.hidden = on;
    stop.hidden = !on;
    input.placeholder = "Ask a follow-up";
  }

  /** Sends a form of the log and shows the log that comes back.
   * @param {HTMLFormElement} form
   * @param {HTMLElement | null} pressed */
  async function submit(form, pressed) {
    const button = pressed instanceof HTMLButtonElement ? pressed : null;
    const body = new URLSearchParams(/** @type {any} */ (new FormData(form, button)));
    form.setAttribute("aria-busy", "true");
    localStorage.setItem(ASKED, "1");
    try {
      const response = await fetch(form.action, { method: "POST", headers: { "x-part": "log" }, body });
      if (response.ok || response.status === 422) {
        replace(await response.text());
        const wrong = /** @type {HTMLElement | null} */ (log.querySelector("[role=alert]"));
        const next = wrong ? log.querySelector("#handoff input[type=email]") : log;
        /** @type {HTMLElement | null} */ (next)?.focus();
        return;
      }
      throw new Error(await refusal(response));
    } catch (error) {
      form.removeAttribute("aria-busy");
      const note = form.querySelector(".wrong") ?? document.createElement("p");
      note.className = "wrong small";
      note.setAttribute("role", "alert");
      note.textContent = error instanceof Error && error.message ? error.message : "That could not be sent. Please try again.";
      form.append(note);
    }
  }

  /** @param {string} html */
  function replace(html) {
    log.setAttribute("aria-busy", "true");
    log.innerHTML = html;
    requestAnimationFrame(() => log.removeAttribute("aria-busy"));
    if (turns().childElementCount > 0 && !log.querySelector(".hello")) input.placeholder = "Ask a follow-up";
    toEnd();
  }

  async function refresh(query = "") {
    try {
      const response = await fetch(`/ask/log${query}`);
      if (response.status === 200) replace(await response.text());
    } catch {
      // Offline; the next look tries again.
    }
  }

  async function wantHuman() {
    await refresh("?human=1");
    const form = log.querySelector("#handoff");
    form?.scrollIntoView({ block: "nearest" });
    /** @type {HTMLElement | null} */ (form?.querySelector("input, textarea"))?.focus();
  }

  panel.addEventListener("submit", (event) => {
    const form = /** @type {HTMLFormElement} */ (event.target);
    const pressed = /** @type {SubmitEvent} */ (event).submitter;
    event.preventDefault();
    if (form === say) ask(input.value);
    else if (form.matches("[data-say]") && pressed instanceof HTMLButtonElement) ask(pressed.value);
    else if (form.matches("[data-new]")) {
      localStorage.removeItem(ASKED);
      submit(form, null).then(() => { localStorage.removeItem(ASKED); input.placeholder = "Ask a question"; input.focus(); });
    } else submit(form, pressed);
  });
  panel.querySelector("[data-human]")?.addEventListener("click", (event) => {
    event.preventDefault();
    wantHuman();
  });
  stop.addEventListener("click", () => running?.abort());
  startTips(log);
  if (isSide) startHiding(panel);

  setInterval(() => {
    const isWaiting = turns().hasAttribute("data-waiting");
    const isTyping = tail().contains(document.activeElement);
    if (isWaiting && !running && !isTyping && document.visibilityState === "visible") refresh(`?after=${turns().dataset.n}`);
  }, LOOK_MS);

  if (isSide && localStorage.getItem(ASKED)) refresh().then(toQuestion);
  const pending = isSide ? null : takePending();
  if (pending) ask(pending);
  else if (!isSide && !location.hash && !sent) { toQuestion(); input.focus({ preventScroll: true }); }
}

/** The panel beside an article can be put away, and stays away.
 * @param {HTMLElement} panel */
function startHiding(panel) {
  const page = panel.closest(".page");
  const hide = /** @type {HTMLElement} */ (panel.querySelector("[data-hide]"));
  /** @param {boolean} hidden */
  const set = (hidden) => {
    panel.hidden = hidden;
    page?.classList.toggle("is-wide", hidden);
  };
  hide.hidden = false;
  hide.addEventListener("click", () => {
    localStorage.setItem(HIDDEN, "1");
    set(true);
  });
  document.querySelector(".float")?.addEventListener("click", (event) => {
    if (!panel.hidden) return;
    event.preventDefault();
    localStorage.removeItem(HIDDEN);
    set(false);
    panel.querySelector("input")?.focus();
  });
  if (localStorage.getItem(HIDDEN)) set(true);
}

/** What the visitor said, as the server would show it.
 * @param {string} text */
function bubble(text) {
  const turn = document.createElement("div");
  turn.className = "turn you";
  turn.dir = "auto";
  const who = document.createElement("span");
  who.className = "unseen";
  who.textContent = "You: ";
  turn.append(who, text.trim());
  return turn;
}

/** @param {Response} response */
async function refusal(response) {
  if (response.status === 429) return "That was a lot at once. Please wait a moment.";
  if (response.status === 413 || response.status === 422) return "That is too long, or no text. Please shorten it.";
  return "That could not be sent. Please try again in a moment.";
}
