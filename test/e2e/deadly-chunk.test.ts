import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { packageRoot } from "../../src/base/package-root.js";
import { eventually, type Finished, type NodeProcess, Processes, runClient } from "./node-process.js";

const LEAF_BYTES = 1024 * 1024;
const CHUNK_BYTES = 4 * LEAF_BYTES;
const LINE_BYTES = 100;
const LINES = 150_000;
/** In the second of the chunks of a process, and in the seventh of the spans that a node makes of so small a file. */
const DEADLY_BYTE = 6_500_000;
const CHUNK = { start: CHUNK_BYTES, end: 2 * CHUNK_BYTES };
const SPAN = { start: 6 * LEAF_BYTES, end: 7 * LEAF_BYTES };

const line = (index: number): string => {
  const text = `10.0.0.1 - - [10/Oct/2024:13:55:36 +0000] "GET /${index} HTTP/1.1" 200 7 "-" "`;
  return `${text.padEnd(LINE_BYTES - 2, "x")}"\n`;
};
type Range = typeof CHUNK;
const named = ({ start, end }: Range): string => `bytes ${start} to ${end}`;
/** Without those that begin in the range. */
const linesWithout = ({ start, end }: Range): number =>
  LINES - (Math.ceil(end / LINE_BYTES) - Math.ceil(start / LINE_BYTES));

const processes = new Processes();
const logs = join(processes.directory, "logs");
const file = join(logs, "a.log");
beforeAll(() => {
  mkdirSync(logs);
  writeFileSync(file, Array.from({ length: LINES }, (_, index) => line(index)).join(""));
});
afterAll(() => processes.close());

interface Fault {
  readonly how: "abort" | "throw" | "trap" | "exhaust" | "hang";
  readonly times?: number;
}

let counters = 0;
/** The environment in which whoever reads the deadly byte comes to harm. */
function deadly(fault: Fault): NodeJS.ProcessEnv {
  counters += 1;
  const counter = join(processes.directory, `counter-${counters}`);
  return {
    NODE_OPTIONS: `--require ${join(packageRoot(), "test/faults/deadly-reads.cjs")}`,
    DEADLY_READ: JSON.stringify({ ...fault, file: "a.log", at: DEADLY_BYTE, counter }),
  };
}

const countOf = ({ stdout }: Finished): unknown => (JSON.parse(stdout || "[{}]") as { readonly n?: number }[])[0]?.n;

describe("A query over files, whose threads come to harm over one chunk", () => {
  const ask = (fault: Fault, flags: readonly string[] = []): Promise<Finished> =>
    runClient(["query", "SELECT count(*) AS n", file, "--output", "json", ...flags], deadly(fault));

  test.each<Fault>([
    { how: "trap", times: 1 },
    { how: "throw", times: 3 },
  ])("has the exact answer if somebody survives it: %j", async (fault) => {
    const outcome = await ask(fault);
    expect(outcome).toMatchObject({ code: 0, stderr: "" });
    expect(countOf(outcome)).toBe(LINES);
  });

  test("is refused, naming the bytes, if nobody does", async () => {
    const outcome = await ask({ how: "trap" });
    expect(outcome).toMatchObject({ code: 5, stdout: "" });
    expect(outcome.stderr).toContain(`${file}, ${named(CHUNK)}`);
    expect(outcome.stderr).toContain("--allow-incomplete");
  });

  test("has an answer without them where that is allowed, and says so", async () => {
    const outcome = await ask({ how: "throw" }, ["--allow-incomplete"]);
    expect(outcome).toMatchObject({ code: 4, stderr: expect.stringContaining(named(CHUNK)) });
    expect(countOf(outcome)).toBe(linesWithout(CHUNK));
  });
});

describe("A node, whose threads come to harm over one chunk", () => {
  const start = (variables: NodeJS.ProcessEnv, dataDir: string): Promise<NodeProcess> =>
    processes.node(
      ["--shared-logs", `web=${logs}`, "--threads", "1", "--data-dir", join(processes.directory, dataDir)],
      "127.0.0.1",
      variables,
    );
  const ask = (node: NodeProcess, flags: readonly string[] = []): Promise<Finished> =>
    runClient(["query", "SELECT count(*) AS n FROM 'web:*'", "--node", node.grpc, "--output", "json", ...flags]);
  const bookOf = (dataDir: string): readonly unknown[] => {
    const path = join(processes.directory, dataDir, "quarantine.json");
    return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as unknown[]) : [];
  };

  test.each<Fault>([
    { how: "throw", times: 2 },
    { how: "exhaust", times: 1 },
  ])("has the exact answer if somebody survives it: %j", async (fault) => {
    const dataDir = `data-${fault.how}`;
    const node = await start(deadly(fault), dataDir);
    const outcome = await ask(node);
    expect(outcome).toMatchObject({ code: 0 });
    expect(countOf(outcome)).toBe(LINES);
    expect(bookOf(dataDir)).toEqual([]);
  });

  test("leaves it out when it ended three processes that did nothing else, and remembers", async () => {
    const dataDir = "data-trap";
    const node = await start(deadly({ how: "trap" }), dataDir);
    const outcome = await ask(node, ["--allow-incomplete"]);
    expect(outcome).toMatchObject({ code: 4, stderr: expect.stringContaining(`web:a.log, ${named(SPAN)}`) });
    expect(countOf(outcome)).toBe(linesWithout(SPAN));
    const refused = await ask(node);
    expect(refused).toMatchObject({ code: 5, stdout: "", stderr: expect.stringContaining(named(SPAN)) });
    const convicted = { file: "web:a.log", ...SPAN, deaths: 3 };
    expect(bookOf(dataDir)).toMatchObject([convicted]);
  });

  test("dies of it once, if the whole process does, and then runs it alone", async () => {
    const variables = deadly({ how: "abort" });
    const first = await start(variables, "data-abort");
    const submitted = ask(first, ["--allow-incomplete", "--id", "deadly"]);
    await first.ended;
    await submitted;
    const second = await start(variables, "data-abort");
    const outcome = await ask(second, ["--allow-incomplete", "--id", "deadly"]);
    expect(outcome).toMatchObject({ code: 4, stderr: expect.stringContaining(named(SPAN)) });
    expect(countOf(outcome)).toBe(linesWithout(SPAN));
    expect(second.process.exitCode).toBeNull();
    expect(bookOf("data-abort")).toMatchObject([{ deaths: 3, cause: expect.stringContaining("SIGABRT") }]);

    rmSync(join(processes.directory, "data-abort", "quarantine.json"));
    second.process.kill("SIGTERM");
    await second.ended;
    const third = await start({}, "data-abort");
    const cleared = await ask(third);
    expect([cleared.code, countOf(cleared)]).toEqual([0, LINES]);
  });

  test("convicts nothing when it is killed from outside in the middle of a chunk", async () => {
    const first = await start(deadly({ how: "hang" }), "data-killed");
    const submitted = ask(first);
    const notes = join(processes.directory, "data-killed", "attempts");
    await eventually(async () => {
      const seen = readFileSync(notes, "utf8").replaceAll("\0", "");
      return seen.includes(`"start":${SPAN.start}`) ? { found: true, seen } : { seen };
    }, 30_000);
    first.process.kill("SIGKILL");
    await first.ended;
    await submitted;
    const second = await start({}, "data-killed");
    expect(bookOf("data-killed")).toMatchObject([{ deaths: 0 }]);
    const outcome = await ask(second);
    expect([outcome.code, countOf(outcome)]).toEqual([0, LINES]);
    expect(bookOf("data-killed")).toEqual([]);
  });
});
