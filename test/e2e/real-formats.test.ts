/** Every other real log, held against awk: each line is a row of the format it should have, or counted. */

import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { builtFile, packageRoot } from "../../src/base/package-root.js";

const DATA = join(packageRoot(), "../shared/data");
const HAS_AWK = spawnSync("awk", ["BEGIN { exit 0 }"]).status === 0;

interface RealLog {
  readonly file: string;
  readonly format: string;
  /** Groups as `value count`, and the awk program that prints the same lines. */
  readonly sql: string;
  readonly awk: string;
}

const TAG = 'split(substr($0, 17), w, " "); tag = w[2]; sub(/[\\[:].*/, "", tag)';
const LOGS: readonly RealLog[] = [
  {
    file: "loghub_apache_2k.log",
    format: "apache-error",
    sql: "SELECT severity AS key, count(*) AS hits GROUP BY 1",
    awk: '{ gsub(/[][]/, "", $6); n[$6]++ } END { for (k in n) print k, n[k] }',
  },
  {
    file: "loghub_apache_2k.log",
    format: "apache-error",
    sql: "SELECT CAST(count(client) AS bigint) AS key, count(*) AS hits",
    awk: "/\\] \\[client / { n++ } END { print n, NR }",
  },
  {
    file: "loghub_linux_2k.log",
    format: "syslog",
    sql: "SELECT app AS key, count(*) AS hits GROUP BY 1",
    awk: `{ ${TAG}; n[tag]++ } END { for (k in n) print k, n[k] }`,
  },
  {
    file: "loghub_openssh_2k.log",
    format: "syslog",
    sql: "SELECT pid AS key, count(*) AS hits GROUP BY 1",
    awk: '{ pid = $5; gsub(/^[^[]*\\[|\\].*$/, "", pid); n[pid]++ } END { for (k in n) print k, n[k] }',
  },
  {
    file: "loghub_openssh_2k.log",
    format: "syslog",
    sql: "SELECT host AS key, count(*) AS hits WHERE message LIKE 'Failed password%' GROUP BY 1",
    awk: "/\\]: Failed password/ { n[$4]++ } END { for (k in n) print k, n[k] }",
  },
  {
    file: "loghub_zookeeper_2k.log",
    format: "log4j",
    sql: "SELECT severity AS key, count(*) AS hits GROUP BY 1",
    awk: "{ n[$4]++ } END { for (k in n) print k, n[k] }",
  },
  {
    file: "loghub_hdfs_2k.log",
    format: "plain",
    sql: "SELECT contains(_raw, 'terminating') AS key, count(*) AS hits GROUP BY 1",
    awk: '{ n[/terminating/ ? "true" : "false"]++ } END { for (k in n) print k, n[k] }',
  },
  {
    file: "nasa_common_100.log",
    format: "common",
    sql: "SELECT status AS key, count(*) AS hits GROUP BY 1",
    awk: "{ n[$(NF-1)]++ } END { for (k in n) print k, n[k] }",
  },
];

const sorted = (lines: readonly string[]): readonly string[] => [...lines].sort();

function logmr(...args: readonly string[]): readonly Readonly<Record<string, string | number | boolean | null>>[] {
  const command = [builtFile("bin/logmr.js"), ...args, "--output", "json"];
  return JSON.parse(execFileSync(process.execPath, command, { encoding: "utf8" }));
}

describe.skipIf(!existsSync(DATA) || !HAS_AWK)("on the real logs (skipped without shared/data or awk)", () => {
  it.each(LOGS)("$file: $sql", ({ file, sql, awk }) => {
    const path = join(DATA, file);
    const env = { ...process.env, LC_ALL: "C" };
    const expected = execFileSync("awk", [awk, path], { encoding: "utf8", env }).trimEnd().split("\n");
    const rows = logmr("query", sql, path, "--quiet").map(({ key, hits }) => `${key} ${hits}`);
    expect(sorted(rows)).toEqual(sorted(expected));
  });

  it.each([...new Map(LOGS.map((log) => [log.file, log.format]))])("every line of %s is one of %s", (file, format) => {
    const path = join(DATA, file);
    const lines = Number(execFileSync("awk", ["END { print NR }", path], { encoding: "utf8" }));
    expect(logmr("detect", path)).toEqual([{ file: path, format, lines, parsed: lines }]);
  });
});
