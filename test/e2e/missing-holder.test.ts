import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { eventually, type NodeProcess, Processes, runClient } from "./node-process.js";

const QUERY = "SELECT status, count(*) AS hits FROM 'app:*.log' GROUP BY status ORDER BY status";
const LINES = 1000;
const NAMES = ["one", "two", "three"] as const;

const processes = new Processes();
afterAll(() => processes.close());

/** Each node has a file of its own under the same name: 200 at one, 201 at two, 202 at three. */
async function startNode(index: number, joined: readonly string[]): Promise<NodeProcess> {
  const directory = join(processes.directory, `logs-${index}`);
  mkdirSync(directory, { recursive: true });
  const line = `10.0.0.1 - - [10/Oct/2024:13:55:36 +0000] "GET / HTTP/1.1" ${200 + index} 7 "-" "agent"\n`;
  writeFileSync(join(directory, "access.log"), line.repeat(LINES));
  const joins = joined.flatMap((address) => ["--join", address]);
  return await processes.node(["--logs", `app=${directory}`, "--name", NAMES[index] ?? "", "--threads", "1", ...joins]);
}

test("A private source whose node died is refused, or answered without it and said so", async () => {
  const first = await startNode(0, []);
  const second = await startNode(1, [first.listen]);
  const third = await startNode(2, [first.listen]);
  const all = await eventually(async () => {
    const seen = await runClient(["query", QUERY, "--node", second.grpc, "--output", "json"]);
    const rows = JSON.parse(seen.stdout || "[]") as readonly object[];
    return rows.length === NAMES.length ? { found: rows, seen } : { seen };
  }, 5_000);
  expect(all).toEqual(NAMES.map((_, index) => ({ status: 200 + index, hits: LINES })));

  third.process.kill("SIGKILL");
  await third.ended;
  const refused = await runClient(["query", QUERY, "--node", second.grpc]);
  expect(refused).toMatchObject({ code: 5, stdout: "" });
  expect(refused.stderr).toMatch(/holders: 2 of 3.*three .*app:access\.log.*--allow-incomplete/);

  const part = await runClient(["query", QUERY, "--node", second.grpc, "--allow-incomplete", "--output", "json"]);
  expect(part.code).toBe(4);
  expect(JSON.parse(part.stdout)).toEqual(all.slice(0, 2));
  expect(part.stderr).toMatch(/incomplete.*66\.6 %.*app:access\.log/);

  const submitted = await runClient(["submit", QUERY, "--node", first.grpc, "--allow-incomplete", "--id", "part"]);
  const job = submitted.stdout.trim();
  expect((await runClient(["result", job, "--node", second.grpc])).code).toBe(4);
  const status = await runClient(["status", job, "--node", second.grpc, "--output", "json"]);
  expect(JSON.parse(status.stdout)).toMatchObject({ state: "INCOMPLETE", holders: 2, holdersTotal: 3 });
});
