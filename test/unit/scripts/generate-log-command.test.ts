import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { builtFile } from "../../../src/base/package-root.js";

let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "logmr-generate-log-"));
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

function generate(...args: readonly string[]): SpawnSyncReturns<string> {
  return spawnSync(process.execPath, [builtFile("scripts/generate-log.js"), ...args], { encoding: "utf8" });
}

describe("generate-log", () => {
  it("writes the same lines to a pipe as to a file", () => {
    const path = join(directory, "a.log");
    const piped = generate("--lines", "3000", "--seed", "3", "--output", "-");
    const filed = generate("--lines", "3000", "--seed", "3", "--output", path);
    expect(piped.stdout.split("\n")).toHaveLength(3001);
    expect(readFileSync(path, "utf8")).toBe(piped.stdout);
    expect(filed.stderr).toMatch(/a\.log: 3000 lines, 7\d\d\.\d KiB, \d+ lines broken\n$/);
    expect([piped.status, filed.status]).toEqual([0, 0]);
  });

  it("replaces a file only with --force", () => {
    const path = join(directory, "kept.log");
    writeFileSync(path, "kept");
    const refused = generate("--lines", "3", "--output", path);
    expect(refused.stderr).toContain("exists: remove it, or add --force");
    expect(refused.status).toBe(2);
    expect(readFileSync(path, "utf8")).toBe("kept");
    expect(generate("--lines", "3", "--output", path, "--force").status).toBe(0);
    expect(readFileSync(path, "utf8").split("\n")).toHaveLength(4);
    expect(readdirSync(directory).filter((name) => name.includes("unfinished"))).toEqual([]);
  });

  it.each([
    { args: ["--lines", "3"], message: /--output is missing/ },
    { args: ["--output", "-"], message: /either --bytes or --lines/ },
    { args: ["--output", "-", "--lines", "3", "--bytes", "3"], message: /either --bytes or --lines/ },
    { args: ["--output", "-", "--bytes", "1 parsec"], message: /1 parsec is no size/ },
    {
      args: ["--output", "-", "--lines", "3", "--format", "xml"],
      message: /xml is unknown: choose combined, common, json, application/,
    },
    { args: ["--output", "-", "--lines", "3", "--broken-rate", "2"], message: /2 is not a number from 0 to 1/ },
    { args: ["--output", "-", "--lines", "3", "--shout"], message: /--shout/ },
  ])("refuses $args", ({ args, message }) => {
    const { status, stdout, stderr } = generate(...args);
    expect(stderr).toMatch(message);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  });
});
