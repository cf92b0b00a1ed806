// What a visitor does: search, ask, follow a citation, ask for a human.
import assert from "node:assert/strict";
import { shot } from "./browser.mjs";

export const ANSWERABLE = process.env.E2E_ANSWERABLE ?? "How do I import a folder of Markdown?";
const IN_A_TABLE = process.env.E2E_IN_A_TABLE ?? "What is the scope tickets:write for?";
export const UNANSWERABLE = process.env.E2E_UNANSWERABLE ?? "Who won the chess world championship in 1972?";

export async function searchesAndOpensAnArticle(page, url) {
  await page.goto(url);
  await page.keyboard.press("/");
  await page.keyboard.type("import markdown");
  await page.locator(".hits .hit b").first().waitFor();
  assert.ok((await page.locator(".hits mark").count()) > 0, "matched words are marked");
  await shot(page, "typing");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/a\//);
  await page.locator("article h1").waitFor();
}

export async function findsNothingAndIsOfferedTheBot(page, url) {
  await page.goto(`${url}/search?q=xyzzyplugh+qwrtzk`);
  await page.getByRole("heading", { name: /No article matches/ }).waitFor();
  assert.ok((await page.getByRole("link", { name: /Ask/ }).count()) > 0, "the bot is offered");
  assert.ok((await page.getByRole("link", { name: "Talk to a human" }).count()) > 0, "a person is offered");
}

export async function asks(page, url, question) {
  if (!page.url().startsWith(`${url}/ask`)) await page.goto(`${url}/ask`);
  const n = await page.locator(".turn.bot").count();
  await page.getByLabel("Your question").fill(question);
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await page.locator(".turn.bot:not([aria-busy])").nth(n).waitFor();
}

export async function getsACitedAnswer(page, url) {
  await asks(page, url, ANSWERABLE);
  assert.ok(await page.getByText("AI, answers from these articles").isVisible(), "the AI label is in sight");
  assert.ok(await page.locator("[data-human]").isVisible(), "a person is in sight");
  const answer = page.locator(".turn.bot").last();
  assert.ok((await answer.locator(".prose .cite").count()) > 0, "its sentences are cited");
  await answer.locator(".prose .cite").first().hover();
  assert.ok(await page.locator(".tip").isVisible(), "the cited words are shown");
  await shot(page, "answer");
}

export async function followsTheCitation(page) {
  const quote = await page.locator(".turn.bot .prose .cite").first().getAttribute("data-quote");
  await page.locator(".turn.bot .prose .cite").first().click();
  const marked = page.locator("article mark.cited").first();
  await marked.waitFor();
  await page.waitForTimeout(300);
  const box = await marked.boundingBox();
  const height = page.viewportSize().height;
  assert.ok(box && box.y >= 0 && box.y < height, "the cited words are on screen");
  const words = (text) => text.replace(/\s+/g, " ").trim();
  const text = words((await page.locator("article mark.cited").allTextContents()).join(" "));
  assert.ok(words(quote).includes(text.slice(0, 30)) || text.includes(words(quote).slice(0, 30)), `marked: ${text}; quoted: ${quote}`);
  await shot(page, "cited");
}

export async function conversationSurvives(page, url) {
  await page.reload();
  await page.locator(".turn.you").first().waitFor();
  await page.goto(`${url}/ask`);
  assert.ok((await page.locator(".turn.bot").count()) > 0, "the answer is still there");
}

/** Quoted rows are a table, and the foot of an article names others. */
export async function readsATable(page, url) {
  await asks(page, url, IN_A_TABLE);
  const table = page.locator(".turn.bot").last().locator(".prose table");
  assert.ok((await table.locator("thead th").count()) > 1, "its columns have names");
  assert.ok((await table.locator("tbody .cite").count()) > 0, "its rows are cited");
  assert.ok(!(await table.textContent()).includes("|"), "its cells stand apart");
  await shot(page, "table");
  await table.locator("tbody .cite").first().click();
  await page.locator("article tbody mark.cited").first().waitFor();
  await page.locator("#vote").scrollIntoViewIfNeeded();
  await page.locator(".related a").first().waitFor();
}

export async function asksForAHuman(page) {
  await page.locator("[data-human]").click();
  await page.locator("#handoff").waitFor();
  await page.getByLabel(/Name/).fill("Cy Marlow");
  await page.getByLabel(/E-mail/).fill("cy@marlow.example");
  await page.getByRole("button", { name: "Send to the team" }).click();
  return ticketNumber(page);
}

export async function leavesAnUnansweredQuestion(page, url) {
  await asks(page, url, UNANSWERABLE);
  await page.locator("#handoff").waitFor();
  await shot(page, "handoff");
  await page.getByLabel(/E-mail/).fill("nobody");
  await page.locator("#handoff").evaluate((form) => { form.noValidate = true; });
  await page.getByRole("button", { name: "Send to the team" }).click();
  await page.getByRole("alert").waitFor();
  await page.getByLabel(/E-mail/).fill("dana@marlow.example");
  await page.getByRole("button", { name: "Send to the team" }).click();
  return ticketNumber(page);
}

async function ticketNumber(page) {
  const text = await page.locator("[data-ticket-number]").textContent();
  assert.match(text ?? "", /^#\d+$/);
  await shot(page, "ticketed");
  return Number(text.slice(1));
}

export async function readsTheReplyWhileTheBotIsSilent(page, url, reply) {
  await page.goto(`${url}/ask`);
  await page.locator(".turn.agent").filter({ hasText: reply.slice(0, 30) }).waitFor();
  const n = await page.locator(".turn.bot").count();
  await page.getByLabel("Your question").fill(ANSWERABLE);
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await page.getByText("the bot is silent").waitFor();
  await page.waitForTimeout(300);
  assert.equal(await page.locator(".turn.bot").count(), n, "the bot says nothing more");
  await shot(page, "with-human");
}

export async function managesWithoutScripts(page, url) {
  await page.goto(url);
  await page.getByRole("combobox").or(page.getByRole("searchbox")).fill("import markdown");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/search\?/);
  assert.ok((await page.locator(".found li").count()) > 0, "the results page lists hits");
  await page.goto(`${url}/ask`);
  await page.getByLabel("Your question").fill(ANSWERABLE);
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await page.locator(".turn.bot .prose").first().waitFor();
  await page.getByRole("button", { name: "No", exact: true }).click();
  await page.getByText("You said that this did not help").waitFor();
  await page.goto(`${url}/ask?human=1`);
  await page.getByRole("button", { name: "Send to the team" }).click();
  await page.locator("[data-ticket-number]").waitFor();
}
