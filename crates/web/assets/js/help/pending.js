// A question on its way from a search field to the ask page. It goes by session storage, not by address, so that
// a link on another site cannot ask in somebody's name.

const KEY = "askwell.question";

/** @param {string} question */
export function askLater(question) {
  if (question.trim()) sessionStorage.setItem(KEY, question.trim());
  location.assign("/ask");
}

/** @returns {string | null} */
export function takePending() {
  const question = sessionStorage.getItem(KEY);
  sessionStorage.removeItem(KEY);
  return question;
}
