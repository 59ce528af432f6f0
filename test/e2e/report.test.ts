/** `logmr report` as a user runs it, on a generated log whose report plain JavaScript computes too. */

import { type SpawnSyncReturns, spawn, spawnSync } from "node:child_process";
import { lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DEFAULT_LOG_OPTIONS, generateLog } from "../../scripts/generate-log/log-generator.js";
import { builtFile } from "../../src/base/package-root.js";
import { collectReport } from "../../src/report/access-report.js";
import { renderJson } from "../../src/report/json-report.js";
import { renderTerminal } from "../../src/report/terminal-report.js";
import { oracleRunner } from "../unit/report/scan-oracle.js";
import { eventually } from "./node-process.js";

let directory: string;
let log: string;
let text: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "logmr-report-"));
  log = join(directory, "access.log");
  const options = { ...DEFAULT_LOG_OPTIONS, brokenRate: 0.002, length: { lines: 20_000 } };
  const bytes = Buffer.concat([...generateLog(options)]);
  writeFileSync(log, bytes);
  text = bytes.toString("latin1");
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

function report(args: readonly string[], input = ""): SpawnSyncReturns<string> {
  return spawnSync(process.execPath, [builtFile("bin/logmr.js"), "report", ...args], { encoding: "utf8", input });
}

describe("logmr report", () => {
  it("says as JSON what plain JavaScript counts", async () => {
    const expected = renderJson(await collectReport(oracleRunner(text), { files: [log], top: 10 }));
    const { status, stdout } = report([log, "--output", "json"]);
    expect(stdout).toBe(expected);
    expect(status).toBe(0);
  });

  it("writes the terminal's form, 80 wide and without colours, into a pipe", async () => {
    const model = await collectReport(oracleRunner(text), { files: [log], top: 3 });
    const { status, stdout, stderr } = report([log, "--top", "3"]);
    expect(stdout).toBe(renderTerminal(model, { width: 80, colors: false }));
    expect(stderr).toBe("");
    expect(status).toBe(0);
  });

  it("reads standard input", async () => {
    const model = await collectReport(oracleRunner(text), { files: ["-"], top: 10 });
    const { status, stdout } = report(["-"], text);
    expect(stdout).toBe(renderTerminal(model, { width: 80, colors: false }));
    expect(status).toBe(0);
  });

  it("writes to a file and leaves nothing beside it", () => {
    const folder = mkdtempSync(join(directory, "out-"));
    const { status, stdout } = report([log, "--output", "json", "-o", join(folder, "report.json")]);
    expect({ status, stdout }).toEqual({ status: 0, stdout: "" });
    expect(readdirSync(folder)).toEqual(["report.json"]);
    expect(JSON.parse(readFileSync(join(folder, "report.json"), "utf8"))).toHaveProperty("panels");
  });

  it("writes through a link and into a pipe, and replaces neither", async () => {
    const folder = mkdtempSync(join(directory, "link-"));
    const target = join(folder, "report.json");
    const link = join(folder, "link.json");
    writeFileSync(target, "old");
    symlinkSync(target, link);
    expect(report([log, "--output", "json", "-o", link])).toMatchObject({ status: 0, stderr: "" });
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(JSON.parse(readFileSync(target, "utf8"))).toHaveProperty("panels");
    const pipe = join(folder, "pipe");
    expect(spawnSync("mkfifo", [pipe]).status).toBe(0);
    const reader = spawn("cat", [pipe], { stdio: ["ignore", "pipe", "ignore"] });
    const read = new Promise<string>((resolve) => {
      let got = "";
      reader.stdout.setEncoding("utf8").on("data", (part: string) => {
        got += part;
      });
      reader.once("close", () => resolve(got));
    });
    expect(report([log, "--output", "json", "-o", pipe])).toMatchObject({ status: 0, stderr: "" });
    expect(lstatSync(pipe).isFIFO()).toBe(true);
    expect(await read).toBe(readFileSync(target, "utf8"));
  });

  it.each(["no-such-folder/report.json", "."])("refuses the output %s before it reads anything", (name) => {
    const folder = mkdtempSync(join(directory, "refused-"));
    const { status, stdout, stderr } = report(["no-such.log", "-o", join(folder, name)]);
    expect(stderr).toMatch(/^logmr: cannot write ".*": .*; choose another -o/);
    expect({ status, stdout, left: readdirSync(folder) }).toEqual({ status: 2, stdout: "", left: [] });
  });

  it.each([
    ["SIGHUP", 129],
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("leaves no copy of standard input behind after %s", async (signal, code) => {
    const folder = mkdtempSync(join(directory, "spool-"));
    const child = spawn(process.execPath, [builtFile("bin/logmr.js"), "report", "-"], {
      stdio: ["pipe", "ignore", "ignore"],
      env: { ...process.env, TMPDIR: folder },
    });
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.stdin.write(text.slice(0, 1000));
    await eventually(async () => (readdirSync(folder).length > 0 ? { found: true, seen: 1 } : { seen: 0 }), 20_000);
    child.kill(signal);
    expect(await ended).toBe(code);
    expect(readdirSync(folder)).toEqual([]);
  });

  it("reports on an empty file", () => {
    const empty = join(directory, "empty.log");
    writeFileSync(empty, "");
    const { status, stdout } = report([empty, "--format", "combined"]);
    expect(stdout).toContain("Requests        0");
    expect(status).toBe(0);
  });

  it.each([
    { what: "a missing file", args: ["no-such.log"], exit: 3, message: /no-such\.log/ },
    { what: "no file", args: [], exit: 2, message: /files/ },
    { what: "an output that there is not", args: ["a.log", "--output", "pdf"], exit: 2, message: /pdf/ },
    { what: "a number of rows that is none", args: ["a.log", "--top", "many"], exit: 2, message: /many/ },
  ])("refuses $what", ({ args, exit, message }) => {
    const { status, stdout, stderr } = report(args);
    expect(stderr).toMatch(message);
    expect({ status, stdout }).toEqual({ status: exit, stdout: "" });
  });

  it("refuses a file that is no access log, and names the way out", () => {
    const other = join(directory, "other.log");
    writeFileSync(other, "service started\nservice stopped\n");
    const { status, stderr } = report([other]);
    expect(stderr).toMatch(/needs access logs.*--format/);
    expect(status).toBe(3);
  });
});
