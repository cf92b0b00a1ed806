// What an agent does: sign in, open the ticket, use a draft, leave a note.
import assert from "node:assert/strict";
import { shot } from "./browser.mjs";

export const NOTE = "Only the team reads this line.";

export async function signsIn(page, signIn) {
  await page.goto(signIn);
  await page.waitForURL(/\/app\/tickets/);
  await shot(page, "tickets");
}

export async function findsTheTicket(page, url, number, question) {
  await page.goto(`${url}/app/tickets`);
  await page.locator(`a[href="/app/tickets/${number}"]`).first().click();
  await page.waitForURL(`**/app/tickets/${number}`);
  assert.ok((await page.locator(".line").getByText(question).count()) > 0, "the transcript has the question");
}

export async function usesADraft(page) {
  if ((await page.locator("[data-insert]").count()) === 0) await page.locator("[data-suggest]").click();
  await page.locator("[data-insert]").first().waitFor();
  assert.ok((await page.locator(".sug").first().locator("a.chip").count()) > 0, "a draft shows its sources");
  await page.locator("[data-insert]").first().click();
  const body = page.locator("[data-body]");
  const draft = await body.inputValue();
  assert.ok(draft.length > 10, "the draft is in the composer");
  const reply = `Hello Cy, this is Ada.\n\n${draft}`;
  await body.fill(reply);
  await shot(page, "composing");
  await page.getByRole("button", { name: "Send and wait" }).click();
  await page.locator(".msg.agent").first().waitFor();
  return "Hello Cy, this is Ada.";
}

export async function leavesANote(page) {
  await page.getByRole("radio", { name: "Internal note" }).check();
  await page.locator("[data-body]").fill(NOTE);
  await shot(page, "note");
  await page.getByRole("button", { name: "Add note" }).click();
  await page.locator(".msg.note").filter({ hasText: NOTE }).waitFor();
}

export async function changesTheTicket(page) {
  await page.getByLabel("Priority").selectOption("high");
  await page.getByRole("button", { name: "Save" }).click();
  await page.locator(".ticket > header .chip.hot").waitFor();
}

export async function writesAndPublishes(page, url) {
  await page.goto(`${url}/app/articles/new`);
  await page.getByLabel("Title").fill("Zebra crossings in the office");
  await page.getByLabel(/Text/).fill("Walk only on the white stripes.\n\n## Why\n\nThe floor between them is wet.");
  await page.getByRole("button", { name: "Preview" }).click();
  await page.locator("#preview h2").first().waitFor();
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("button", { name: "Publish", exact: true }).click();
  await page.getByRole("link", { name: "Open in the help center" }).click();
  await page.locator("article h1").filter({ hasText: "Zebra" }).waitFor();
  await page.goto(`${url}/search?q=zebra+crossings`);
  assert.match(await page.locator(".found li a").first().textContent(), /Zebra/);
}

export async function tagsATicket(page, url, number) {
  await page.goto(`${url}/app/tickets/${number}`);
  // What somebody else changes meanwhile is not changed back.
  const other = await page.context().newPage();
  await other.goto(`${url}/app/tickets/${number}`);
  await other.getByLabel("Priority").selectOption("urgent");
  await other.getByRole("button", { name: "Save", exact: true }).click();
  await other.getByText(/Priority: .* → urgent/).waitFor();
  await other.close();
  await page.getByLabel(/^Tags/).fill("VIP, needs review");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText(/Admin · Tags: none → needs-review, vip/).waitFor();
  assert.equal(await page.getByLabel("Priority").inputValue(), "urgent");
  await page.goto(`${url}/app/tickets`);
  await page.getByRole("link", { name: "vip" }).click();
  await page.getByRole("heading", { name: "Tickets tagged vip" }).waitFor();
  assert.equal(await page.locator("tbody tr").count(), 1);
}

export async function learns(page, url) {
  await page.goto(`${url}/app/learning`);
  await page.getByRole("heading", { name: "Nothing learned yet" }).waitFor();
  await page.getByRole("button", { name: "Learn now" }).click();
  await page.getByRole("heading", { name: "Version 1" }).waitFor();
  // The demo has a handful of solved tickets, which is too few to judge by.
  await page.getByText(/Too few linked tickets to tell/).waitFor();
  await page.getByRole("link", { name: "All versions" }).click();
  assert.equal(await page.getByText("In use").count(), 0);
  await page.getByRole("button", { name: "Use version 1" }).click();
  await page.getByText("In use").waitFor();
  await page.getByRole("button", { name: "Search without it" }).click();
  assert.equal(await page.getByText("In use").count(), 0);
}

export async function readsReports(page, url) {
  await page.goto(`${url}/app/tickets`);
  await page.getByRole("link", { name: "Reports" }).click();
  await page.getByRole("heading", { name: "Reports", level: 1 }).waitFor();
  const opened = page.getByRole("region", { name: "Tickets opened" }).first();
  assert.ok(Number((await opened.locator(".totals b").first().textContent()) ?? 0) > 5, "the demo's tickets are counted");
  assert.ok((await opened.locator("svg rect").count()) > 0, "there is a bar for today");
  await opened.getByText("Numbers").click();
  assert.ok((await opened.locator("details tbody tr").count()) > 20, "the table has a row for each day");
  await page.getByLabel("Cut by").selectOption("team");
  await page.getByRole("button", { name: "Show" }).click();
  await page.waitForURL(/by=team/);
  await opened.getByRole("columnheader", { name: "Team" }).waitFor();
  const [file] = await Promise.all([page.waitForEvent("download"), opened.getByRole("link", { name: /^CSV/ }).click()]);
  assert.match(file.suggestedFilename(), /^created-.*\.csv$/);
}

export async function acceptsAQuestion(page, url) {
  await page.goto(`${url}/app/learning`);
  const asked = page.getByRole("listitem").filter({ hasText: "asked by 2" });
  const question = (await asked.locator("b").textContent()) ?? "";
  assert.match(question, /index/);
  await asked.getByRole("link").click();
  await page.getByRole("button", { name: `Accept: ${question}` }).click();
  await page.getByText("Accepted", { exact: true }).waitFor();
  await page.getByRole("button", { name: `Remove: ${question}` }).waitFor();
  return new URL(page.url()).pathname;
}

export async function signsOut(page, url) {
  await page.goto(`${url}/app/tickets`);
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.waitForURL(/sign-in/);
  await page.goto(`${url}/app/tickets`);
  assert.match(page.url(), /sign-in/);
}

export async function triesTheApi(page, url) {
  await page.goto(`${url}/api`);
  await page.getByLabel("Find an operation").fill("get /tickets/{id}");
  assert.equal(await page.locator("details.operation:visible").count(), await page.locator("details.operation:visible", { hasText: "/tickets/{id}" }).count());
  await page.getByLabel("Find an operation").fill("");
  // As who has signed in.
  const list = page.locator("#list_tickets");
  await list.locator("summary").first().click();
  await list.getByLabel("limit").fill("1");
  await list.getByRole("button", { name: "Send" }).click();
  await list.locator(".answer .chip", { hasText: "200" }).waitFor();
  assert.equal(JSON.parse(await list.locator(".answer > pre").textContent()).tickets.length, 1);
  // With a key, which counts alone.
  await page.getByLabel("API key for trying out").fill("askwell_nonsense");
  await list.getByRole("button", { name: "Send" }).click();
  await list.locator(".answer .chip", { hasText: "401" }).waitFor();
  await page.getByLabel("API key for trying out").fill("");
  const create = page.locator("#create_ticket");
  await create.locator("summary").first().click();
  const body = create.getByLabel("Body");
  assert.equal(JSON.parse(await body.inputValue()).body, "");
  await body.fill(JSON.stringify({ subject: "From the reference", body: "Tried out." }));
  await create.getByRole("button", { name: "Send" }).click();
  await create.locator(".answer .chip", { hasText: "201" }).waitFor();
  await create.locator(".answer summary", { hasText: "As curl" }).click();
  assert.match(await create.locator(".answer details[open] pre").textContent(), /curl -X POST .*\/api\/v1\/tickets'[^]*\$ASKWELL_KEY[^]*From the reference/);
  await shot(page, "api-tried");
  // A stream is shown as it comes, and stopped.
  const events = page.locator("#follow_events");
  await events.locator("summary").first().click();
  await events.getByRole("button", { name: "Send" }).click();
  await events.locator(".answer .chip", { hasText: "200" }).waitFor();
  await events.getByRole("button", { name: "Stop" }).click();
  await events.getByRole("button", { name: "Send" }).waitFor();
}
