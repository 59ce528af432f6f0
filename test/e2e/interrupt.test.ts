/** What Ctrl-C does to a question that a cluster works on. */

import { linkSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { eventually, type NodeProcess, Processes, runClient, startClient } from "./node-process.js";

const processes = new Processes();
afterAll(() => processes.close());

const LINE = '10.0.0.1 - - [10/Oct/2024:13:00:00 +0000] "GET / HTTP/1.1" 200 7 "-" "-"\n';
const QUERY = "SELECT url, count(*) FROM 'web:*.log' GROUP BY url";

/** One file under so many names that a job over it lasts. */
function writeLogs(directory: string): void {
  mkdirSync(directory);
  const first = join(directory, "0.log");
  writeFileSync(first, LINE.repeat(400_000));
  for (let copy = 1; copy < 100; copy += 1) linkSync(first, join(directory, `${copy}.log`));
}

async function jobStates(node: NodeProcess): Promise<readonly string[]> {
  const { stdout } = await runClient(["jobs", "--node", node.grpc, "--output", "json"]);
  return (JSON.parse(stdout) as readonly { readonly state: string }[]).map(({ state }) => state);
}

test("A query that is interrupted takes its job along; one with a key of its own leaves it", async () => {
  const logs = join(processes.directory, "logs");
  writeLogs(logs);
  const node = await processes.node(["--logs", `web=${logs}`, "--threads", "1"]);
  const interrupt = async (
    flags: readonly string[],
    code: number | null,
    isExpected: (states: readonly string[]) => boolean,
  ) => {
    const client = startClient(["query", QUERY, "--node", node.grpc, ...flags]);
    const running = async () => {
      const seen = await jobStates(node);
      return seen.includes("RUNNING") ? { found: true, seen } : { seen };
    };
    await eventually(running, 30_000);
    client.kill("SIGINT");
    expect(await client.ended).toBe(code);
    const seen = await jobStates(node);
    expect(isExpected(seen), JSON.stringify(seen)).toBe(true);
  };
  await interrupt([], 130, (states) => states.join() === "CANCELLED");
  await interrupt(["--id", "kept"], null, (states) => states.includes("RUNNING") || states.includes("COMPLETED"));
}, 120_000);
