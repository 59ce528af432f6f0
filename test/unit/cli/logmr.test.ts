/** The built client as a process: streams, exit codes, the end of pipes. */

import { spawnSync } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { builtFile, packageRoot } from "../../../src/base/package-root.js";

const CLIENT = builtFile("bin/logmr.js");
const LOG = join(packageRoot(), "test/query-cases/inputs/shop.log");

function run(arguments_: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLIENT, ...arguments_], {
    encoding: "utf8",
    env: { ...process.env, ...environment },
  });
  return { status, stdout, stderr };
}

describe.skipIf(!existsSync(CLIENT))("logmr (skipped where it is not built)", () => {
  it("prints NDJSON into a pipe and nothing on stderr", () => {
    expect(run(["query", "SELECT status, count(*) AS n GROUP BY status LIMIT 2", LOG])).toEqual({
      status: 0,
      stdout: '{"status":200,"n":3}\n{"status":302,"n":1}\n',
      stderr: "",
    });
  });

  it("ends stderr with the statistics", () => {
    const { stderr, status } = run(["query", "--stats", "--threads", "1", "SELECT count(*)", LOG]);
    const stats = JSON.parse(stderr.trimEnd().split("\n").at(-1) ?? "");
    expect(status).toBe(0);
    expect(Object.keys(stats)).toEqual(
      "lines bytes unparsed malformedFields elapsedMs threads groups spilledBytes coverage".split(" "),
    );
    expect(stats).toMatchObject({ lines: 9, unparsed: 1, groups: 1, threads: 1, coverage: 1, spilledBytes: 0 });
  });

  it("ignores $LOGMR_NODE where files are given", () => {
    expect(run(["query", "SELECT count(*) AS n", LOG], { LOGMR_NODE: "localhost:1" }).stdout).toBe('{"n":8}\n');
  });

  it.each([
    ["a misspelt column", ["query", "SELECT statsu, count(*) GROUP BY 1", LOG], 2, /did you mean "status"/],
    ["--node together with files", ["query", "--node", "localhost:1", "SELECT count(*)", LOG], 2, /--node/],
    ["an unknown flag", ["query", "--bogus", "SELECT count(*)", LOG], 2, /--bogus/],
    ["an unknown command", ["frob"], 2, /frob/],
    ["an unknown format", ["query", "--format", "combind", "SELECT count(*)", LOG], 2, /combind/],
    ["an unknown output", ["query", "--output", "xml", "SELECT count(*)", LOG], 2, /csv/],
    ["a bad time", ["query", "--since", "soon", "SELECT count(*)", LOG], 2, /--since "soon"/],
    ["no files", ["query", "SELECT count(*)"], 2, /No input/],
    ["a missing file", ["query", "SELECT count(*)", `${LOG}.missing`], 3, /shop\.log\.missing/],
    ["a missing file to detect", ["detect", `${LOG}.missing`], 3, /shop\.log\.missing/],
  ])("refuses %s", (_, arguments_, status, message) => {
    const outcome = run(arguments_, { LOGMR_NODE: "" });
    expect(outcome.stderr).toMatch(message);
    expect(outcome).toMatchObject({ status, stdout: "" });
  });

  it("ends quietly when the reader of its output goes away", () => {
    const command = `"$NODE" "$CLIENT" query "SELECT _raw, url, count(*) GROUP BY 1, 2" "$LOG" | head -c 1; echo " \${PIPESTATUS[0]}"`;
    const { stdout, stderr } = spawnSync("bash", ["-c", command], {
      encoding: "utf8",
      env: { ...process.env, NODE: process.execPath, CLIENT, LOG },
    });
    expect({ stdout, stderr }).toEqual({ stdout: "{ 0\n", stderr: "" });
  });

  it.skipIf(!existsSync("/dev/full"))("says in one line that its output cannot be written", () => {
    const full = openSync("/dev/full", "w");
    const arguments_ = [CLIENT, "query", "SELECT count(*) AS n", LOG];
    const { stderr, status } = spawnSync(process.execPath, arguments_, {
      encoding: "utf8",
      stdio: ["ignore", full, "pipe"],
    });
    closeSync(full);
    expect(stderr).toMatch(/^logmr: cannot write the output: ENOSPC.*\n$/);
    expect(status).toBe(1);
  });

  it("gives its answer though nobody reads its notes", () => {
    const command = `exec 3>&1; { "$NODE" "$CLIENT" query "SELECT count(*) AS n" "$NOTED" >&3; echo "status $?" >&3; } 2>&1 | true`;
    const { stdout } = spawnSync("bash", ["-c", command], {
      encoding: "utf8",
      env: { ...process.env, NODE: process.execPath, CLIENT, NOTED: CLIENT },
    });
    expect(stdout).toMatch(/^\{"n":\d+\}\nstatus 0\n$/);
  });

  it("reads standard input", () => {
    const arguments_ = [CLIENT, "query", "--stats", "SELECT count(*) AS n", "-"];
    const { stdout, status } = spawnSync(process.execPath, arguments_, { encoding: "utf8", input: readFileSync(LOG) });
    expect({ stdout, status }).toEqual({ stdout: '{"n":8}\n', status: 0 });
  });

  it("detects formats and lists them", () => {
    expect(JSON.parse(run(["detect", "--output", "json", LOG]).stdout)).toEqual([
      { file: LOG, format: "combined", lines: 9, parsed: 8 },
    ]);
    const fields = JSON.parse(run(["formats", "--output", "json"]).stdout);
    expect(fields).toContainEqual(expect.objectContaining({ format: "combined", field: "status", type: "i64" }));
  });

  it("lists its commands with examples", () => {
    const { stdout, status } = run(["--help"]);
    expect(status).toBe(0);
    expect(stdout).toContain("Examples:");
    for (const name of ["query", "report", "submit", "members"]) expect(stdout).toContain(name);
  });
});
