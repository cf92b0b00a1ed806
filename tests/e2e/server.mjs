// Starts the binary under test on a free port with the demo's data in a temporary folder.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The first start imports the manual and embeds it. */
const START_MS = 180_000;

/** @returns {Promise<{ url: string, signIn: string, stop: () => Promise<void> }>} */
export async function start() {
  if (process.env.ASKWELL_URL) {
    return { url: process.env.ASKWELL_URL, signIn: process.env.ASKWELL_SIGN_IN ?? "", stop: async () => {} };
  }
  const binary = process.env.ASKWELL_BIN;
  if (!binary) throw new Error("ASKWELL_BIN names the askwell binary to test");
  const data = mkdtempSync(join(tmpdir(), "askwell-e2e-"));
  const listen = `127.0.0.1:${await freePort()}`;
  // What is learned is told to learn: in the hour of the night in which it learns by itself, that would have happened already.
  const env = { ...process.env, ASKWELL_LEARNING__NIGHTLY: "false" };
  const child = spawn(binary, ["serve", "--data", data, "--listen", listen, "--demo"], { env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => { output += text; });
  const ended = new Promise((resolve) => child.on("exit", resolve));
  const stop = async () => {
    child.kill("SIGTERM");
    await ended;
    rmSync(data, { recursive: true, force: true });
  };
  const url = `http://${listen}`;
  const deadline = Date.now() + START_MS;
  for (;;) {
    const link = output.match(/https?:\/\/\S+\/app\/sign-in\?token=\S+/)?.[0];
    if (link && (await isReady(url))) return { url, signIn: link.replace(/^https?:\/\/[^/]+/, url), stop };
    if (child.exitCode !== null || Date.now() > deadline) {
      await stop();
      throw new Error(`askwell did not start:\n${output}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function isReady(url) {
  try {
    return (await fetch(`${url}/readyz`)).ok;
  } catch {
    return false;
  }
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
