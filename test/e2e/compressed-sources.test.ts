import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type NodeProcess, Processes, runClient } from "./node-process.js";

const LINE = '10.0.0.1 - - [10/Oct/2024:13:55:36 +0000] "GET / HTTP/1.1" 200 7 "-" "agent"\n';
const zipped = gzipSync(
  Array.from({ length: 50_000 }, (_, index) => LINE.replace("/ HTTP", `/${index * 7919} HTTP`)).join(""),
);

const processes = new Processes();
let node: NodeProcess;
beforeAll(async () => {
  const logs = join(processes.directory, "logs");
  mkdirSync(logs);
  const files: Record<string, Uint8Array> = {
    "good.gz": zipped,
    "cut.gz": zipped.subarray(0, zipped.length / 2),
    "broken.gz": Buffer.from(zipped).fill(0xff, zipped.length / 2, zipped.length / 2 + 64),
    "bomb.gz": gzipSync(Buffer.alloc(2 ** 27)),
    "other.xz": Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]),
  };
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(logs, name), bytes);
  node = await processes.node(["--logs", `app=${logs}`, "--threads", "2", "--name", "one"]);
});
afterAll(() => processes.close());

const ask = (file: string): ReturnType<typeof runClient> =>
  runClient(["query", `SELECT count(*) AS n FROM 'app:${file}'`, "--node", node.grpc, "--output", "json"]);

describe("A node that offers compressed files", () => {
  test("reads what is in them", async () => {
    expect(await ask("good.gz")).toMatchObject({ code: 0, stdout: expect.stringContaining('"n":50000') });
  });

  test.each([
    ["cut.gz", /app:cut\.gz" ends in the middle of its gzip data/],
    ["broken.gz", /app:broken\.gz" is damaged/],
    ["bomb.gz", /app:bomb\.gz" expands to more than 500 times its size/],
    ["other.xz", /app:other\.xz on one .*xz-compressed/],
  ])("fails a job over %s, and says why", async (file, message) => {
    const outcome = await ask(file);
    expect(outcome).toMatchObject({ code: 5, stdout: "" });
    expect(outcome.stderr).toMatch(message);
  });

  test("says with how many threads it answered", async () => {
    const sql = "SELECT count(*) FROM 'app:good.gz'";
    const { stderr } = await runClient(["query", sql, "--node", node.grpc, "--stats"]);
    expect(JSON.parse(stderr.trim().split("\n").at(-1) ?? "")).toMatchObject({ threads: 2, lines: 50_000 });
  });

  test("is alive after all of it", async () => {
    expect(await ask("good.gz")).toMatchObject({ code: 0 });
  });
});
