import { createHash } from "node:crypto";
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { status as grpcStatus } from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually, type NodeProcess, Processes, runClient } from "./node-process.js";
import { reflectService } from "./reflection-client.js";

const QUERY = "SELECT status, count(*) AS hits, sum(bytes) AS sent FROM 'web:*.log' GROUP BY status ORDER BY status";
const LINES = 60_000;

const processes = new Processes();
const logs = join(processes.directory, "logs");
let nodes: readonly NodeProcess[] = [];
let expected: readonly { readonly status: number; readonly hits: number; readonly sent: number }[] = [];

/** Two files of several leaves, and the answer by adding up. */
function writeLogs(): void {
  mkdirSync(logs);
  const sums = new Map<number, { hits: number; sent: number }>();
  const lines = Array.from({ length: LINES }, (_, line) => {
    const digest = createHash("md5").update(`${line}`).digest();
    const status = [200, 200, 200, 304, 404, 500][(digest[0] ?? 0) % 6] ?? 200;
    const bytes = digest.readUInt16LE(1);
    const sum = sums.get(status) ?? { hits: 0, sent: 0 };
    sums.set(status, { hits: sum.hits + 1, sent: sum.sent + bytes });
    const time = `10/Oct/2024:13:${String(line % 60).padStart(2, "0")}:00 +0000`;
    return `10.0.0.${line % 250} - - [${time}] "GET /page/${line % 977} HTTP/1.1" ${status} ${bytes} "-" "agent"\n`;
  });
  writeFileSync(join(logs, "access-0.log"), lines.slice(0, LINES / 3).join(""));
  writeFileSync(join(logs, "access-1.log"), lines.slice(LINES / 3).join(""));
  expected = [...sums].sort(([left], [right]) => left - right).map(([status, sum]) => ({ status, ...sum }));
}

const shared = (): readonly string[] => ["--shared-logs", `web=${logs}`, "--threads", "1"];

beforeAll(async () => {
  writeLogs();
  const first = await processes.node([...shared(), "--name", "one"]);
  const others = await Promise.all(
    ["two", "three"].map((name) => processes.node([...shared(), "--name", name, "--join", first.listen])),
  );
  nodes = [first, ...others];
});
afterAll(() => processes.close());

const grpcOf = (index: number): string => nodes[index]?.grpc ?? "";

async function membersSeenBy(grpc: string): Promise<readonly { readonly name: string; readonly state: string }[]> {
  const { stdout } = await runClient(["members", "--node", grpc, "--output", "json"]);
  return JSON.parse(stdout || "[]") as { name: string; state: string }[];
}

const allAlive = async (grpc: string, count: number): Promise<readonly { readonly name: string }[]> =>
  await eventually(async () => {
    const seen = await membersSeenBy(grpc);
    return seen.filter(({ state }) => state === "alive").length === count ? { found: seen, seen } : { seen };
  }, 3_000);

describe("a cluster of three processes", () => {
  test("is complete within three seconds of the last ready line, seen from every node", async () => {
    for (const node of nodes) {
      const members = await allAlive(node.grpc, 3);
      expect(members.map(({ name }) => name).sort()).toEqual(["one", "three", "two"]);
    }
  });

  test("lists the shared files once, with all their holders", async () => {
    const { stdout, code } = await runClient(["sources", "--node", grpcOf(1)]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject([
      {
        name: "web",
        path: "access-0.log",
        holders: expect.arrayContaining(["one", "two", "three"]),
        format: "combined",
      },
      { name: "web", path: "access-1.log", bytes: readFileSync(join(logs, "access-1.log")).length },
    ]);
  });

  test("takes a job at one node, and gives status and the exact result at the others", async () => {
    const submitted = await runClient(["submit", QUERY, "--node", grpcOf(0)]);
    expect(submitted).toMatchObject({ code: 0, stderr: "", stdout: expect.stringMatching(/^[0-9a-f]{20}\n$/) });
    const job = submitted.stdout.trim();
    const result = await runClient(["result", job, "--node", grpcOf(1), "--output", "json"]);
    expect(JSON.parse(result.stdout)).toEqual(expected);
    const status = await runClient(["status", job, "--node", grpcOf(2), "--output", "json"]);
    expect(JSON.parse(status.stdout)).toMatchObject({ id: job, state: "COMPLETED", coverage: 1, missing: [] });
    const preview = await runClient(["result", job, "--preview", "--node", grpcOf(2), "--output", "json"]);
    expect(preview).toEqual({ code: 0, stderr: "", stdout: result.stdout });
    const embedded = await runClient(["query", QUERY.replace("'web:*.log'", "logs"), logs, "--output", "json"]);
    expect(embedded.stdout).toBe(result.stdout);
  });

  test("answers a query in one go, and a job submitted again with its key is the same job", async () => {
    const answer = await runClient(["query", QUERY, "--output", "json"], { LOGMR_NODE: grpcOf(2) });
    expect(JSON.parse(answer.stdout)).toEqual(expected);
    const first = await runClient(["submit", QUERY, "--node", grpcOf(0), "--id", "my-key"]);
    const again = await runClient(["submit", QUERY, "--node", grpcOf(1), "--id", "my-key"]);
    expect(again.stdout).toBe(first.stdout);
    const other = await runClient(["submit", `${QUERY} LIMIT 1`, "--node", grpcOf(1), "--id", "my-key"]);
    expect(other).toMatchObject({ code: 2, stdout: "" });
  });

  test.each([
    ["an unknown column", "SELECT statsu FROM 'web:*.log' GROUP BY 1", 2, /did you mean "status"/],
    ["an unknown source", "SELECT count(*) FROM 'wbe:*.log'", 3, /did you mean "web"/],
    ["no file", "SELECT count(*) FROM 'web:*.nothing'", 3, /no file of "web" matches/],
    ["no source", "SELECT count(*) FROM logs", 2, /FROM 'NAME:glob'/],
    ["a path that leaves the source", "SELECT count(*) FROM 'web:../secret.log'", 3, /no file of "web" matches/],
    ["an empty query", "  ", 2, /empty/],
  ])("refuses %s with its exit code and a way out", async (_what, sql, code, message) => {
    const refused = await runClient(["submit", sql, "--node", grpcOf(1)]);
    expect(refused).toMatchObject({ code, stdout: "", stderr: expect.stringMatching(message) });
  });

  test("refuses an answer beyond its cap, and gives it under a higher one", async () => {
    const capped = ["query", QUERY, "--node", grpcOf(0), "--max-result"];
    const refused = await runClient([...capped, "10B"]);
    expect(refused).toMatchObject({ code: 5, stdout: "", stderr: expect.stringContaining("raise --max-result") });
    expect(JSON.parse((await runClient([...capped, "1MiB", "--output", "json"])).stdout)).toEqual(expected);
    expect(await runClient([...capped, "many"])).toMatchObject({ code: 2, stderr: expect.stringContaining("256MiB") });
  });

  test("says so when it knows no such job, or no node answers", async () => {
    const unknown = await runClient(["status", "ffffffffffffffffffff", "--node", grpcOf(0)]);
    expect(unknown).toMatchObject({ code: 3, stderr: expect.stringMatching(/no reachable node knows a job/) });
    const unreachable = await runClient(["members", "--node", "127.0.0.1:1"]);
    expect(unreachable).toMatchObject({ code: 6, stderr: expect.stringMatching(/127\.0\.0\.1:1/) });
  });

  test("serves a client that knows nothing but reflection: submit, status, result", async () => {
    const jobs = await reflectService(grpcOf(1), "logmr.v1.Jobs");
    const [submitted] = await jobs.call("Submit", { request: { sql: QUERY }, client_key: "by-reflection" });
    const job_id = submitted?.job_id;
    const [header, ...pages] = await jobs.call("GetResult", { job_id });
    expect(header).toMatchObject({
      header: {
        status: { id: job_id, state: "JOB_STATE_COMPLETED" },
        columns: ["status", "hits", "sent"].map((name) => ({ name, type: "COLUMN_TYPE_INT64" })),
        counters: { lines: String(LINES), unparsed: "0" },
      },
    });
    const rows = pages.flatMap(({ page }) => (page as { rows: { values: { int64_value: string }[] }[] }).rows);
    const values = rows.map((row) => row.values.map(({ int64_value }) => Number(int64_value)));
    expect(values).toEqual(expected.map(({ status, hits, sent }) => [status, hits, sent]));
    const [status] = await jobs.call("GetStatus", { job_id });
    expect(status).toMatchObject({ status: { state: "JOB_STATE_COMPLETED", coverage: 1 } });
    const watched = await jobs.call("WatchStatus", { job_id });
    expect(watched.at(-1)).toMatchObject({ status: { state: "JOB_STATE_COMPLETED" } });
    await expect(jobs.call("Submit", { request: { sql: "SELECT" } })).rejects.toMatchObject({
      code: grpcStatus.INVALID_ARGUMENT,
    });
    jobs.close();
  });

  test("tells its health to a client that knows nothing but reflection", async () => {
    const health = await reflectService(grpcOf(1), "grpc.health.v1.Health");
    for (const service of ["", "logmr.v1.Jobs"]) {
      expect(await health.call("Check", { service })).toEqual([{ status: "SERVING" }]);
    }
    health.close();
  });

  test("answers over HTTP that it is well", async () => {
    const health = await fetch(`http://${nodes[0]?.http}/healthz`);
    expect([health.status, await health.text()]).toEqual([200, "ok\n"]);
    const metrics = await (await fetch(`http://${nodes[0]?.http}/metrics`)).text();
    expect(metrics).toContain('logmr_members{state="alive"} 3');
    expect((await fetch(`http://${nodes[0]?.http}/etc/passwd`)).status).toBe(404);
  });

  test("is joined by a node on another loopback address", async () => {
    const other = await processes.node([...shared(), "--name", "four", "--join", nodes[1]?.listen ?? ""], "127.0.0.2");
    expect(other.listen).toMatch(/^127\.0\.0\.2:\d+$/);
    await allAlive(other.grpc, 4);
    const answer = await runClient(["query", QUERY, "--node", other.grpc, "--output", "json"]);
    expect(JSON.parse(answer.stdout)).toEqual(expected);
    other.process.kill("SIGTERM");
    expect(await other.ended).toBe(0);
    await eventually(async () => {
      const seen = await membersSeenBy(grpcOf(0));
      return seen.some(({ name, state }) => name === "four" && state === "left") ? { found: true, seen } : { seen };
    }, 5_000);
  });

  test("reads a grown file's new lines, and keeps the answer of a job that ended before", async () => {
    appendFileSync(
      join(logs, "access-0.log"),
      '10.0.0.1 - - [10/Oct/2024:14:00:00 +0000] "GET / HTTP/1.1" 418 7 "-" "-"\n',
    );
    const answer = await runClient(["query", QUERY, "--node", grpcOf(0), "--output", "json"]);
    const grown = [...expected, { status: 418, hits: 1, sent: 7 }].sort((left, right) => left.status - right.status);
    expect(JSON.parse(answer.stdout)).toEqual(grown);
    const before = await runClient([
      "submit",
      QUERY,
      "--node",
      grpcOf(2),
      "--id",
      "my-key",
      "--wait",
      "--output",
      "json",
    ]);
    expect(JSON.parse(before.stdout)).toEqual(expected);
  });

  test("still answers exactly, old jobs and new ones, after one node was killed", async () => {
    nodes[2]?.process.kill("SIGKILL");
    const old = await runClient(["submit", QUERY, "--node", grpcOf(0), "--id", "my-key", "--wait", "--output", "json"]);
    expect(JSON.parse(old.stdout)).toEqual(expected);
    const sql = "SELECT count(*) AS lines, min(bytes) AS least FROM 'web:access-1.log' WHERE status = 404";
    const fresh = await runClient(["query", sql, "--node", grpcOf(1), "--output", "json"]);
    const local = await runClient([
      "query",
      sql.replace("'web:access-1.log'", "logs"),
      join(logs, "access-1.log"),
      "--output",
      "json",
    ]);
    expect(fresh).toEqual(local);
    expect(fresh.code).toBe(0);
  });
});
