import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { eventually, type NodeProcess, Processes, runClient } from "./node-process.js";

const MIB = 1024 * 1024;

const processes = new Processes();
const logs = join(processes.directory, "logs");
afterAll(() => processes.close());

/** A node at addresses and in a data directory of its own, so that it can be started again. */
const flagsOf = (name: string, seed: string, { listen, grpc, http }: Pick<NodeProcess, "listen" | "grpc" | "http">) => [
  ...["--listen", listen, "--grpc", grpc, "--http", http],
  ...["--name", name, "--data-dir", join(processes.directory, name), "--join", seed],
  ...["--shared-logs", `web=${logs}`, "--threads", "1"],
];

const ANY_PORT = { listen: "127.0.0.1:0", grpc: "127.0.0.1:0", http: "127.0.0.1:0" };

test("Nodes that were all killed find each other again, and finish a job, though the one they joined stays away", async () => {
  mkdirSync(logs);
  const line = '10.0.0.1 - - [10/Oct/2024:13:55:36 +0000] "GET / HTTP/1.1" 200 7 "-" "agent"\n';
  writeFileSync(join(logs, "access.log"), line.repeat(5000));
  const seed = await processes.node(["--name", "seed", "--shared-logs", `web=${logs}`, "--threads", "1"]);
  const two = await processes.nodeWith(flagsOf("two", seed.listen, ANY_PORT));
  const three = await processes.nodeWith(flagsOf("three", seed.listen, ANY_PORT));
  const alive = async (grpc: string, names: readonly string[]): Promise<void> => {
    await eventually(async () => {
      const { stdout } = await runClient(["members", "--node", grpc, "--output", "json"]);
      const seen = JSON.parse(stdout || "[]") as readonly { name: string; state: string }[];
      const found = seen.filter(({ state }) => state === "alive").map(({ name }) => name);
      return names.every((name) => found.includes(name)) ? { found, seen } : { seen };
    }, 15_000);
  };
  await alive(two.grpc, ["seed", "two", "three"]);
  await alive(three.grpc, ["seed", "two", "three"]);
  const sql = "SELECT count(*) AS lines FROM 'web:*.log'";
  const before = await runClient(["submit", sql, "--node", two.grpc, "--id", "before", "--durability", "3"]);
  expect(before.code).toBe(0);
  // What a node knows is on its disk within a second of learning it.
  await eventually(async () => {
    const { stdout } = await runClient(["status", before.stdout.trim(), "--node", three.grpc, "--output", "json"]);
    const seen = JSON.parse(stdout || "{}") as { readonly state?: string };
    return seen.state === "COMPLETED" ? { found: true, seen } : { seen };
  }, 10_000);
  for (const node of [seed, two, three]) node.process.kill("SIGKILL");
  await Promise.all([seed, two, three].map((node) => node.ended));

  const again = await processes.nodeWith(flagsOf("two", seed.listen, two));
  await processes.nodeWith(flagsOf("three", seed.listen, three));
  await alive(again.grpc, ["two", "three"]);
  const old = await runClient(["result", before.stdout.trim(), "--node", again.grpc, "--output", "json"]);
  expect(JSON.parse(old.stdout)).toEqual([{ lines: 5000 }]);
  const fresh = await runClient(["query", sql, "--node", again.grpc, "--output", "json"]);
  expect(fresh).toMatchObject({ code: 0, stderr: "" });
  expect(JSON.parse(fresh.stdout)).toEqual([{ lines: 5000 }]);
});

/** What the node says it has scanned in this life. */
async function scannedBytes({ http }: NodeProcess): Promise<number> {
  const metrics = await (await fetch(`http://${http}/metrics`)).text();
  return Number(/^logmr_scanned_bytes_total (\d+)$/m.exec(metrics)?.[1]);
}

test("A node that is killed and started again scans at most one span for each of its threads again", async () => {
  const directory = join(processes.directory, "long");
  mkdirSync(directory);
  const line = (n: number): string => `10.0.0.1 - - [10/Oct/2024:13:55:36 +0000] "GET /${n} HTTP/1.1" 200 7 "-" "a"\n`;
  const lines = Array.from({ length: 200_000 }, (_, n) => line(n));
  const size = Buffer.byteLength(lines.join(""));
  writeFileSync(join(directory, "access.log"), lines.join(""));
  const flags = ["--data-dir", join(processes.directory, "killed"), "--shared-logs", `web=${directory}`];
  const first = await processes.node([...flags, "--threads", "1"]);
  // Its function is computed for each line apart, so that a span takes some time.
  const sql = "SELECT count(*) AS lines FROM 'web:*.log' WHERE regexp_extract(_raw, 'GET /([0-9]+)', 1) <> 'none'";
  const { stdout } = await runClient(["submit", sql, "--node", first.grpc]);
  const scannedFirst = await eventually(async () => {
    const seen = await scannedBytes(first);
    return seen >= size / 4 ? { found: seen, seen } : { seen };
  }, 30_000);
  first.process.kill("SIGKILL");
  await first.ended;

  const second = await processes.node([...flags, "--threads", "1"]);
  const answer = await runClient(["result", stdout.trim(), "--node", second.grpc, "--output", "json"]);
  expect(JSON.parse(answer.stdout)).toEqual([{ lines: lines.length }]);
  const scannedSecond = await scannedBytes(second);
  expect(scannedSecond).toBeGreaterThan(0);
  expect(scannedFirst + scannedSecond - size).toBeLessThanOrEqual(MIB);
});
