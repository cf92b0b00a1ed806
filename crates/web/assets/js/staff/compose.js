// The composer: a draft goes into it with one press and stays editable; nothing is sent by itself.
import { keepDraft } from "./draft.js";

/** @param {HTMLFormElement} form */
export function startCompose(form) {
  const body = /** @type {HTMLTextAreaElement} */ (form.querySelector("[data-body]"));
  const from = /** @type {HTMLInputElement} */ (form.querySelector("[data-from]"));
  const kind = /** @type {RadioNodeList} */ (form.elements.namedItem("kind"));

  for (const link of document.querySelectorAll("[data-insert]")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      const draft = link.closest("[data-draft]");
      const text = /** @type {HTMLTextAreaElement | null} */ (draft?.querySelector("[data-text]"));
      if (!text) return;
      kind.value = "reply";
      const before = body.value.trim();
      body.value = before ? `${before}\n\n${text.value}` : text.value;
      from.value = draft?.getAttribute("data-draft") ?? "";
      body.rows = Math.min(10, Math.max(5, body.value.split("\n").length + 2));
      body.dispatchEvent(new Event("input", { bubbles: true }));
      // The thread and what is being written need the room now.
      document.querySelector(".drafts")?.classList.add("is-folded");
      body.focus();
      if (!before) {
        body.setSelectionRange(0, 0);
        body.scrollTop = 0;
      }
    });
  }

  keepDraft(form, "body");
  document.addEventListener("keydown", (event) => {
    const isTyping = event.target instanceof Element && event.target.closest("input, textarea, select");
    if (event.ctrlKey || event.metaKey || event.altKey) {
      if (event.key === "Enter" && event.target === body && (event.ctrlKey || event.metaKey)) form.requestSubmit(visibleButton(form));
      return;
    }
    if (isTyping) return;
    if (event.key === "r" || event.key === "n") {
      event.preventDefault();
      kind.value = event.key === "r" ? "reply" : "note";
      body.focus();
    }
  });
}

/** The first button that the chosen kind shows.
 * @param {HTMLFormElement} form */
function visibleButton(form) {
  const buttons = /** @type {HTMLButtonElement[]} */ ([...form.querySelectorAll("button")]);
  return buttons.find((button) => button.offsetParent !== null);
}
