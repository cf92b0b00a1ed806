// Keeps what is being written in this browser until it is sent.

/**
 * @param {HTMLFormElement} form
 * @param {string} field
 */
export function keepDraft(form, field) {
  const input = /** @type {HTMLTextAreaElement} */ (form.elements.namedItem(field));
  const key = `askwell.draft:${location.pathname}`;
  const kept = localStorage.getItem(key);
  if (kept && !input.value) input.value = kept;
  input.addEventListener("input", () => {
    try {
      if (input.value) localStorage.setItem(key, input.value);
      else localStorage.removeItem(key);
    } catch {
      // A full storage costs the copy, not the text.
    }
  });
  form.addEventListener("submit", () => localStorage.removeItem(key));
}
