// An article's small comforts: where one is in it, copying it, voting without leaving it.

export function startArticle() {
  const article = document.querySelector("article");
  if (!article) return;
  forgetSearch();
  followHeadings();
  startCopy();
  startVotes();
  showCited(article);
  startRelated();
  for (const wide of article.querySelectorAll("pre, table")) {
    if (wide.scrollWidth > wide.clientWidth) wide.setAttribute("tabindex", "0");
  }
}

/** The search that led here is counted; the address that is copied or shared need not name it. */
function forgetSearch() {
  const address = new URL(location.href);
  if (!address.searchParams.has("from")) return;
  address.searchParams.delete("from");
  history.replaceState(history.state, "", address);
}

/** A citation's address names the block; the marked words may stand further down in it.
 * @param {Element} article */
function showCited(article) {
  const cited = article.querySelector("mark.cited");
  if (cited && location.hash) cited.scrollIntoView({ block: "center" });
}

function followHeadings() {
  const links = /** @type {HTMLAnchorElement[]} */ ([...document.querySelectorAll(".toc a")]);
  if (links.length === 0) return;
  const headings = links.map((link) => document.getElementById(decodeURIComponent(link.hash.slice(1))));
  const update = () => {
    let current = 0;
    headings.forEach((heading, i) => { if (heading && heading.getBoundingClientRect().top < innerHeight / 3) current = i; });
    links.forEach((link, i) => {
      if (i === current) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    });
  };
  addEventListener("scroll", update, { passive: true });
  update();
}

/** Near articles are looked up once a reader comes to the foot of this one. */
function startRelated() {
  const section = /** @type {HTMLElement | null} */ (document.querySelector("[data-related]"));
  const foot = document.getElementById("vote");
  if (!section || !foot) return;
  const observer = new IntersectionObserver(async (entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    observer.disconnect();
    try {
      const response = await fetch(section.dataset.related ?? "");
      const html = response.ok ? (await response.text()).trim() : "";
      section.innerHTML = html;
      section.hidden = !html;
    } catch {
      // Offline; the article is here all the same.
    }
  }, { rootMargin: "200px" });
  observer.observe(foot);
}

function startCopy() {
  const link = /** @type {HTMLAnchorElement | null} */ (document.querySelector("[data-copy]"));
  if (!link || !navigator.clipboard) return;
  link.addEventListener("click", async (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    try {
      const response = await fetch(link.href);
      await navigator.clipboard.writeText(await response.text());
      link.textContent = "Copied";
      link.setAttribute("role", "status");
    } catch {
      location.assign(link.href);
    }
  });
}

function startVotes() {
  const section = document.getElementById("vote");
  section?.addEventListener("submit", async (event) => {
    const form = /** @type {HTMLFormElement} */ (event.target);
    const pressed = /** @type {SubmitEvent} */ (event).submitter;
    const button = pressed instanceof HTMLButtonElement ? pressed : null;
    event.preventDefault();
    const body = new URLSearchParams(/** @type {any} */ (new FormData(form, button)));
    const thanks = document.createElement("p");
    thanks.setAttribute("role", "status");
    try {
      const response = await fetch(form.action, { method: "POST", body });
      thanks.textContent = response.ok ? "Thank you. Editors read this." : "That could not be sent. Please try again later.";
    } catch {
      thanks.textContent = "That could not be sent. Please try again later.";
    }
    for (const old of section.querySelectorAll("form, details")) old.remove();
    section.prepend(thanks);
  });
}
