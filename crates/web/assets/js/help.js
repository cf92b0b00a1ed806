// The help center's scripts. Every page works without them; with them it answers while one types.
import { startArticle } from "./help/article.js";
import { startAsk } from "./help/ask.js";
import { startPalette } from "./help/palette.js";
import { startSearch } from "./help/search.js";

for (const form of document.querySelectorAll("[data-search]")) startSearch(/** @type {HTMLFormElement} */ (form));
for (const panel of document.querySelectorAll("[data-ask]")) startAsk(/** @type {HTMLElement} */ (panel));
startPalette();
startArticle();
