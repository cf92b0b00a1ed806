// The API's page: finding an operation, and trying it out against this very site.
import { startFinder } from "./reference/finder.js";
import { startTrying } from "./reference/form.js";

const page = /** @type {HTMLElement | null} */ (document.querySelector("[data-reference]"));
if (page) {
  startFinder(page);
  startTrying(page);
}
