// The staff area's scripts: inserting a draft without a reload, tabs by key, text that survives a closed tab.
import { startCompose } from "./staff/compose.js";
import { startTips } from "./help/tip.js";
import { keepDraft } from "./staff/draft.js";

const composer = /** @type {HTMLFormElement | null} */ (document.querySelector("[data-compose]"));
if (composer) startCompose(composer);
const editor = /** @type {HTMLFormElement | null} */ (document.querySelector("[data-editor]"));
if (editor) keepDraft(editor, "body");
for (const thread of document.querySelectorAll(".line, .who")) startTips(/** @type {HTMLElement} */ (thread));
const thread = document.querySelector(".line");
if (thread) thread.scrollTop = thread.scrollHeight;
