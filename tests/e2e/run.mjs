// The browser flow, and every page's accessibility, width and weight. Prints "N passed, N failed".
//
// ASKWELL_BIN    the binary to start (or ASKWELL_URL and ASKWELL_SIGN_IN of one that runs)
// ASKWELL_SHOTS  a folder for screenshots at 1440 and 375 px, light and dark
import assert from "node:assert/strict";
import * as agent from "./agent.mjs";
import { DESKTOP, NARROW, PHONE, accessibility, launch, open, overflow, shot } from "./browser.mjs";
import { start } from "./server.mjs";
import * as visitor from "./visitor.mjs";

let n_passed = 0;
let n_failed = 0;

async function check(name, run) {
  try {
    const result = await run();
    n_passed += 1;
    console.log(`ok    ${name}`);
    return result;
  } catch (error) {
    n_failed += 1;
    console.log(`FAIL  ${name}\n      ${String(error.stack ?? error).split("\n").slice(0, 8).join("\n      ")}`);
    return undefined;
  }
}

const { url, signIn, stop } = await start();
const browser = await launch();
const complaints = [];
try {
  const cy = await open(browser, DESKTOP, complaints);
  await check("search finds an article while typing", () => visitor.searchesAndOpensAnArticle(cy, url));
  const article = cy.url();
  await check("no hit offers the bot and a person", () => visitor.findsNothingAndIsOfferedTheBot(cy, url));
  await check("an answer streams in with its citations", () => visitor.getsACitedAnswer(cy, url));
  await check("a citation opens the article at the marked words", () => visitor.followsTheCitation(cy));
  await check("rows of a table are answered as a table", () => visitor.readsATable(cy, url));
  await check("the conversation survives a reload", () => visitor.conversationSurvives(cy, url));
  const number = await check("talk to a human gives a ticket number", () => visitor.asksForAHuman(cy));
  const dee = await open(browser, PHONE, complaints);
  const other = await check("an unanswerable question is handed over by form", () => visitor.leavesAnUnansweredQuestion(dee, url));
  await check("another conversation is another ticket", () => assert.notEqual(number, other));

  const ada = await open(browser, DESKTOP, complaints);
  await check("the one-time link signs the first admin in", () => agent.signsIn(ada, signIn));
  await check("the link works once", async () => {
    const thief = await open(browser, DESKTOP, []);
    await thief.goto(signIn);
    assert.match(thief.url(), /sign-in/);
  });
  await check("the unanswered question is a ticket with its transcript", () => agent.findsTheTicket(ada, url, other, visitor.UNANSWERABLE));
  await check("the asked-for ticket has its transcript", () => agent.findsTheTicket(ada, url, number, visitor.ANSWERABLE));
  const reply = await check("a suggested reply is inserted, edited and sent", () => agent.usesADraft(ada));
  await check("a note goes to the team", () => agent.leavesANote(ada));
  await check("a ticket's priority changes", () => agent.changesTheTicket(ada));
  await check("a ticket is tagged, and found by its tag", () => agent.tagsATicket(ada, url, number));
  await check("the visitor reads the reply and the bot is silent", () => visitor.readsTheReplyWhileTheBotIsSilent(cy, url, reply ?? ""));
  await check("the visitor never sees the note", async () => assert.ok(!(await cy.content()).includes(agent.NOTE)));
  await check("an article is written, published and found", () => agent.writesAndPublishes(ada, url));
  await check("the site learns from solved tickets when it is told to", () => agent.learns(ada, url));
  await check("reports tell what has happened, as charts, tables and files", () => agent.readsReports(ada, url));
  const asked = await check("an editor accepts what customers ask", () => agent.acceptsAQuestion(ada, url));

  const tried = await open(browser, DESKTOP, complaints);
  await tried.context().addCookies(await ada.context().cookies());
  await check("an operation of the API is tried out on its page", () => agent.triesTheApi(tried, url));

  const plain = await open(browser, { ...DESKTOP, javaScriptEnabled: false }, complaints);
  await check("everything works without scripts", () => visitor.managesWithoutScripts(plain, url));

  await everyPage(article, number, asked, ada, cy);
  await check("the first page weighs at most 100 kB", () => weight(`${url}/`));
  await check("signing out ends the session", () => agent.signsOut(ada, url));
  await check("no page complains in the console or asks another site", () => assert.deepEqual(complaints, []));
} finally {
  await browser.close();
  await stop();
}
console.log(`${n_passed} passed, ${n_failed} failed`);
process.exitCode = n_failed === 0 ? 0 : 1;

async function everyPage(article, number, asked, ada, cy) {
  const visitorPages = {
    home: "/", results: "/search?q=import+markdown", "no-results": "/search?q=xyzzyplugh+qwrtzk", collection: await firstCollection(),
    article: new URL(article).pathname, ask: "/ask", "ask-human": "/ask?human=1", "not-found": "/nowhere", api: "/api", "api-operation": "/api#change_ticket",
    "sign-in": "/app/sign-in",
  };
  const staffPages = { tickets: "/app/tickets", ticket: `/app/tickets/${number}`, articles: "/app/articles", editor: "/app/articles/new", learning: "/app/learning", reports: "/app/reports", "reports-by-agent": "/app/reports?by=agent&hours=business", learned: "/app/learning/1", asked };
  for (const [pages, page] of [[visitorPages, cy], [staffPages, ada]]) {
    const cookies = await page.context().cookies();
    for (const [size, options] of Object.entries({ 1440: DESKTOP, 375: PHONE, 320: NARROW })) {
      for (const scheme of size === "320" ? ["light"] : ["light", "dark"]) {
        const view = await open(browser, { ...options, colorScheme: scheme }, complaints);
        await view.context().addCookies(cookies);
        for (const [name, path] of Object.entries(pages)) {
          await check(`${name} at ${size} px, ${scheme}: accessible and not wider than the window`, async () => {
            await view.goto(url + path);
            await shot(view, `${name}-${size}-${scheme}`);
            assert.deepEqual(await accessibility(view), []);
            assert.ok((await overflow(view)) <= 0, `wider by ${await overflow(view)} px`);
          });
        }
        await view.context().close();
      }
    }
  }
}

async function firstCollection() {
  const { collections } = await (await fetch(`${url}/api/v1/collections`)).json();
  return collections[0]?.url ?? "/";
}

async function weight(address) {
  const page = await open(browser, DESKTOP, complaints);
  let bytes = 0;
  page.on("requestfinished", async (request) => {
    const sizes = await request.sizes();
    bytes += sizes.responseBodySize + sizes.responseHeadersSize;
  });
  await page.goto(address, { waitUntil: "networkidle" });
  await page.waitForTimeout(200);
  assert.ok(bytes > 1000 && bytes <= 100_000, `${bytes} bytes`);
}
