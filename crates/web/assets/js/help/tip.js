// The words behind a citation, shown beside its number while it is pointed at or focused.

/** @type {HTMLElement | undefined} */
let tip;

/** @param {HTMLElement} root */
export function startTips(root) {
  for (const [on, off] of [["pointerover", "pointerout"], ["focusin", "focusout"]]) {
    root.addEventListener(/** @type {string} */ (on), (event) => {
      const chip = chipOf(event);
      if (chip) show(chip);
    });
    root.addEventListener(/** @type {string} */ (off), (event) => {
      const chip = chipOf(event);
      if (chip) hide(chip);
    });
  }
}

/** @param {Event} event */
function chipOf(event) {
  return event.target instanceof Element ? /** @type {HTMLElement | null} */ (event.target.closest(".cite")) : null;
}

/** @param {HTMLElement} chip */
function show(chip) {
  if (chip.title) {
    chip.dataset.quote = chip.title;
    chip.removeAttribute("title");
  }
  if (!chip.dataset.quote) return;
  if (!tip) {
    tip = document.createElement("div");
    tip.className = "tip";
    tip.setAttribute("aria-hidden", "true");
    document.body.append(tip);
  }
  tip.textContent = `“${chip.dataset.quote}”`;
  tip.hidden = false;
  const at = chip.getBoundingClientRect();
  const size = tip.getBoundingClientRect();
  const left = Math.min(Math.max(8, at.left + at.width / 2 - size.width / 2), innerWidth - size.width - 8);
  const above = at.top - size.height - 6;
  tip.style.left = `${left}px`;
  tip.style.top = `${above > 8 ? above : at.bottom + 6}px`;
  light(chip, true);
}

/** @param {HTMLElement} chip */
function hide(chip) {
  if (tip) tip.hidden = true;
  light(chip, false);
}

/** The same number in the sentence and in the list of sources light up together.
 * @param {HTMLElement} chip
 * @param {boolean} lit */
function light(chip, lit) {
  for (const other of chip.closest(".turn, .msg")?.querySelectorAll(".cite") ?? []) {
    if (other.textContent === chip.textContent) {
      other.classList.toggle("is-lit", lit);
      other.closest(".src li")?.classList.toggle("is-lit", lit);
    }
  }
}
