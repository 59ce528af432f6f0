/** Inputs that want to break the tool: each ends with an exact answer or a clear error, never a crash, a hang or a guess. */

import { spawn, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createGzip, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { builtFile } from "../../src/base/package-root.js";

const directory = mkdtempSync(join(tmpdir(), "logmr-hostile-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const LOGMR = builtFile("bin/logmr.js");
const lineOf = (url: string): string => `1.2.3.4 - - [10/Oct/2000:13:55:36 +0000] "GET ${url} HTTP/1.1" 200 5 "-" "x"`;
const GOOD = lineOf("/a");
const MIB = 1024 * 1024;

const at = (name: string): string => join(directory, name);

function write(name: string, content: string | Uint8Array): string {
  writeFileSync(at(name), content);
  return at(name);
}

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function logmr(...args: readonly string[]): Outcome {
  const { status, stdout, stderr } = spawnSync(process.execPath, [LOGMR, ...args], {
    encoding: "utf8",
    maxBuffer: 512 * MIB,
    timeout: 100_000,
  });
  return { code: status, stdout, stderr };
}

/** The rows of an answer; the last line of stderr as the statistics of the run. */
function answer(sql: string, ...args: readonly string[]): { readonly rows: unknown; readonly stats: Stats } {
  const { code, stdout, stderr } = logmr("query", sql, ...args, "--output", "json", "--quiet", "--stats");
  expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
  return { rows: JSON.parse(stdout), stats: JSON.parse(stderr.trimEnd().split("\n").at(-1) ?? "") as Stats };
}

interface Stats {
  readonly lines: number;
  readonly unparsed: number;
  readonly malformedFields: number;
}

/** A refusal with its code and a message that has these words, and no trace of a crash. */
function expectRefusal(outcome: Outcome, code: number, ...words: readonly string[]): void {
  expect(outcome.stdout).toBe("");
  for (const word of words) expect(outcome.stderr).toContain(word);
  expect(outcome.stderr).toMatch(/^logmr: /);
  expect(outcome.stderr).not.toMatch(/\n {4}at /);
  expect(outcome.code).toBe(code);
}

describe("bytes that logs should not have:", () => {
  it.each([
    [
      "NUL",
      `${GOOD}\n${lineOf("/\0b")}\n\0\0\n`,
      [
        { url: "/\0b", n: 1 },
        { url: "/a", n: 1 },
      ],
      1,
    ],
    ["CRLF", `${GOOD}\r\n`.repeat(3), [{ url: "/a", n: 3 }], 0],
    ["no final newline", `${GOOD}\n${GOOD}`, [{ url: "/a", n: 2 }], 0],
    ["a lone carriage return", `${GOOD}\r${GOOD}\n`, [{ url: "/a", n: 1 }], 0],
    ["empty lines", `\n\n${GOOD}\n\n`, [{ url: "/a", n: 1 }], 3],
    ["a byte order mark", `\ufeff${GOOD}\n`, [{ url: "/a", n: 1 }], 0],
    ["nothing but newlines", "\n\n\n", [], 3],
  ])("%s", (name, content, rows, unparsed) => {
    const file = write(`${name}.log`, content);
    const found = answer("SELECT url, count(*) AS n FROM logs GROUP BY url", file, "--format", "combined");
    expect(found.rows).toEqual(rows);
    expect(found.stats.unparsed).toBe(unparsed);
  });

  it("invalid UTF-8 is one character each, and stays apart from other bytes", () => {
    const bytes = Buffer.from(`${lineOf("/X")}\n${lineOf("/Y")}\n${lineOf("/X")}\n`, "latin1").map((byte) =>
      byte === 0x58 ? 0xff : byte === 0x59 ? 0xfe : byte,
    );
    const sql = "SELECT url, length(url) AS points, count(*) AS n FROM logs GROUP BY url ORDER BY n";
    const { rows } = answer(sql, write("invalid.log", bytes), "--format", "combined");
    expect(rows).toEqual([
      { url: "/\ufffd", points: 2, n: 1 },
      { url: "/\ufffd", points: 2, n: 2 },
    ]);
  });

  it("a line of 100 MB is a row like any other", () => {
    const file = write("long.log", `${GOOD}\n${lineOf(`/${"y".repeat(100 * MIB)}`)}\n${GOOD}\n`);
    const sql =
      "SELECT length(url) AS n, count(*) AS hits, count(*) FILTER (WHERE url ~ '(y+y+)+$') AS match FROM logs";
    expect(answer(`${sql} GROUP BY 1 ORDER BY 1`, file, "--format", "combined").rows).toEqual([
      { n: 2, hits: 2, match: 0 },
      { n: 1 + 100 * MIB, hits: 1, match: 1 },
    ]);
  });

  it("a line of 100 MB in pieces of a pipe is one too", async () => {
    const client = spawn(process.execPath, [
      LOGMR,
      "query",
      "SELECT count(*) AS n, max(length(_raw)) AS m FROM logs",
      "-",
    ]);
    let stdout = "";
    client.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    const ended = new Promise<number | null>((resolve) => client.on("close", resolve));
    const piece = Buffer.alloc(MIB, "z");
    for (let count = 0; count < 100; count += 1) {
      if (!client.stdin.write(piece)) await new Promise((resolve) => client.stdin.once("drain", resolve));
    }
    client.stdin.end();
    expect(await ended).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ n: 1, m: 100 * MIB });
  });
});

describe("records that want to be too much:", () => {
  it("JSON of depth 10,000 is no row, and brackets of depth 10,000 are text", () => {
    const [open, close] = ['{"a":'.repeat(10_000), "}".repeat(10_000)];
    const brackets = "[".repeat(10_000) + "]".repeat(10_000);
    const file = write("deep.json", `{"a":1}\n${open}1${close}\n{"a":${brackets}}\n{"a":2}\n`);
    const { rows, stats } = answer("SELECT a FROM logs ORDER BY a", file, "--format", "json");
    expect(rows).toEqual([{ a: "1" }, { a: "2" }, { a: brackets }]);
    expect(stats).toMatchObject({ lines: 4, unparsed: 1 });
  });

  it("a CSV of 10,000 columns is detected and has them all", () => {
    const columns = Array.from({ length: 10_000 }, (_, index) => index);
    const file = write("wide.csv", `${columns.map((index) => `c${index}`).join(",")}\n${columns.join(",")}\n`);
    const [row] = answer("SELECT * FROM logs", file).rows as readonly Record<string, number>[];
    expect(Object.values(row ?? {})).toEqual(columns);
  });
});

describe("an empty input", () => {
  const empty = write("empty.log", "");

  it("counts 0, and has no rows", () => {
    expect(answer("SELECT count(*) AS n, sum(bytes) AS s FROM logs", empty).rows).toEqual([{ n: 0, s: null }]);
    expect(answer("SELECT * FROM logs", empty).rows).toEqual([]);
    expect(answer("SELECT url, count(*) FROM logs GROUP BY url", empty).rows).toEqual([]);
  });

  it("may be standard input", () => {
    const { status, stdout } = spawnSync(process.execPath, [LOGMR, "query", "SELECT count(*) AS n FROM logs", "-"], {
      input: "",
      encoding: "utf8",
    });
    expect({ status, stdout }).toEqual({ status: 0, stdout: '{"n":0}\n' });
  });
});

describe("gzip", () => {
  const sound = gzipSync(`${GOOD}\n`.repeat(1000));

  it.each([
    ["that is cut off", sound.subarray(0, sound.length - 20), "ends in the middle of its gzip data"],
    ["with junk behind it", Buffer.concat([sound, Buffer.from("junk")]), "is damaged"],
    ["of its first two bytes", sound.subarray(0, 2), "ends in the middle of its gzip data"],
    ["with a changed byte", Buffer.from(sound).fill(0, 30, 40), "is damaged"],
  ])("%s is refused, by its name", (name, bytes, problem) => {
    const file = write(`${name}.gz`, bytes);
    expectRefusal(logmr("query", "SELECT count(*) FROM logs", file), 3, file, problem);
  });

  it("of a megabyte that becomes a gibibyte is refused before it does", async () => {
    const file = at("bomb.gz");
    await new Promise<void>((resolve, reject) => {
      const zip = createGzip({ level: 9 });
      const parts: Buffer[] = [];
      zip.on("data", (part: Buffer) => parts.push(part));
      zip.on("error", reject);
      zip.on("end", () => {
        writeFileSync(file, Buffer.concat(parts));
        resolve();
      });
      const zeros = Buffer.alloc(MIB);
      let left = 1024;
      const feed = (): void => {
        while (left > 0) {
          left -= 1;
          if (!zip.write(zeros)) {
            zip.once("drain", feed);
            return;
          }
        }
        zip.end();
      };
      feed();
    });
    expectRefusal(logmr("query", "SELECT count(*) FROM logs", file), 3, file, "expands to more than");
  });
});

/** A user other than root, for whom permissions count; root's own user namespace has them without its powers. */
const AS_NOBODY = ["--user", "--map-user=65534", "--map-group=65534"];
const CANNOT_DROP = spawnSync("unshare", [...AS_NOBODY, "true"]).status !== 0;
const IS_ROOT = process.getuid?.() === 0;

describe("paths that are no logs:", () => {
  beforeAll(() => {
    symlinkSync("/nowhere/at/all", at("dangling.log"));
    symlinkSync(at("loop-b.log"), at("loop-a.log"));
    symlinkSync(at("loop-a.log"), at("loop-b.log"));
    mkdirSync(at("empty-directory"));
    spawnSync("mkfifo", [at("pipe")]);
  });

  it.each([
    ["a missing file", "missing.log", "No such file"],
    ["a dangling link", "dangling.log", "No such file"],
    ["links in a circle", "loop-a.log", "loop-a.log"],
    ["a pipe", "pipe", "is not a regular file"],
    ["a directory without files", "empty-directory", "has no files"],
    ["a glob without files", "*.nothing", "matches no file"],
  ])("%s", (_what, name, problem) => {
    expectRefusal(logmr("query", "SELECT count(*) FROM logs", at(name)), 3, problem);
  });

  it.each(["/dev/zero", "/dev/null", "/dev/tty"])("the device %s", (device) => {
    expectRefusal(logmr("query", "SELECT count(*) FROM logs", device), 3, device);
  });

  it("a directory stands for its files", () => {
    mkdirSync(at("logs"));
    write("logs/a.log", `${GOOD}\n`);
    write("logs/b.log", `${GOOD}\n${GOOD}\n`);
    expect(answer("SELECT count(*) AS n FROM logs", at("logs")).rows).toEqual([{ n: 3 }]);
  });

  it("a name with a newline and an escape sequence is a name", () => {
    const file = write("new\nline\u001b[31m.log", `${GOOD}\n`);
    expect(answer("SELECT _file, count(*) AS n FROM logs GROUP BY 1", file).rows).toEqual([{ _file: file, n: 1 }]);
    const { stderr } = logmr("query", "SELECT count(*) FROM logs", at("gone\u001b[31m"));
    expect(stderr).toContain("gone");
    expect(stderr).not.toContain("\u001b");
  });

  it.skipIf(IS_ROOT && CANNOT_DROP)("a file that may not be read (skipped for root without user namespaces)", () => {
    const file = write("secret.log", `${GOOD}\n`);
    chmodSync(file, 0);
    const command = [process.execPath, LOGMR, "query", "SELECT count(*) FROM logs", file];
    const [program = "", ...args] = IS_ROOT ? ["unshare", ...AS_NOBODY, ...command] : command;
    const { status, stdout, stderr } = spawnSync(program, args, { encoding: "utf8" });
    expectRefusal({ code: status, stdout, stderr }, 3, file, "ermission");
  });
});

describe("queries that want to be too much:", () => {
  const file = write("two.log", `${GOOD}\n${lineOf("/b")}\n`);
  const nested = (open: string, inside: string, close: string, depth: number): string =>
    `SELECT ${open.repeat(depth)}${inside}${close.repeat(depth)} FROM logs`;

  it.each([
    ["parentheses in their ten thousands", nested("(", "1", ")", 10_000), "nested more than 200 levels"],
    ["NOT in its ten thousands", nested("NOT ", "TRUE", "", 10_000), "nested more than 200 levels"],
    ["CASE in its thousands", nested("CASE WHEN TRUE THEN ", "1", " END", 2000), "nested more than 200 levels"],
    ["functions in their ten thousands", nested("abs(", "1", ")", 10_000), "nested more than 200 levels"],
    ["a chain of ten thousand", `SELECT ${"1 + ".repeat(10_000)}1 FROM logs`, "longer than 200"],
    ["100 KiB of text", `SELECT '${"x".repeat(100 * 1024)}' FROM logs`, "longer than 64 KiB"],
    ["no end of a text", "SELECT 'x FROM logs", "no closing quote"],
  ])("%s", (_what, sql, problem) => {
    expectRefusal(logmr("query", sql, file), 2, problem);
  });

  it("1 MB of it, as a node is sent it", async () => {
    const { compileQuery } = await import("../../src/engine/sql/compile-query.js");
    const sql = `SELECT count(*) FROM logs WHERE url IN (${"'x', ".repeat(MIB / 5)}'y')`;
    expect(() => compileQuery(sql, { nowMs: 0, fields: [] })).toThrow("longer than 64 KiB");
  });

  it.each([
    ["SELECT abs(-9223372036854775807 - status + 199) FROM logs", "does not fit into a 64-bit integer"],
    ["SELECT sum(status) * 9223372036854775807 FROM logs", "does not fit into a 64-bit integer"],
    ["SELECT url FROM logs GROUP BY url HAVING sum(status) * 9223372036854775807 > 0", "does not fit"],
    ["SELECT url FROM logs GROUP BY url ORDER BY sum(status) * 9223372036854775807", "does not fit"],
    ["SELECT status * 9223372036854775807 FROM logs", "does not fit into a 64-bit integer"],
  ])("an overflow while %s", (sql, problem) => {
    expectRefusal(logmr("query", sql, file), 2, problem);
  });

  it("a pattern that takes others for ever takes one pass", () => {
    const long = write("aaa.log", `${"a".repeat(5 * MIB)}!\n`);
    const sql =
      "SELECT count(*) FILTER (WHERE _raw ~ '(a+)+$') AS a, count(*) FILTER (WHERE _raw ~ '(a|a)*!$') AS b FROM logs";
    expect(answer(sql, long, "--format", "plain").rows).toEqual([{ a: 0, b: 1 }]);
  });
});
