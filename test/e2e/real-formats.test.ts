/** Every real log, held against awk: each line is a row of the format it should have, or counted. */

import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { builtFile } from "../../src/base/package-root.js";
import { REAL_LOGS } from "../real-logs.js";

const HAS_AWK = spawnSync("awk", ["BEGIN { exit 0 }"]).status === 0;

interface RealLog {
  readonly file: string;
  readonly format: string;
  /** Groups as `value count`, and the awk program that prints the same lines. */
  readonly sql: string;
  readonly awk: string;
}

const TAG = 'split(substr($0, 17), w, " "); tag = w[2]; sub(/[\\[:].*/, "", tag)';
const PRINT = "END { for (k in n) print k, n[k] }";
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
  ...[
    { sql: "SELECT method AS key, count(*) AS hits GROUP BY 1", awk: `{ sub(/^"/, "", $6); n[$6]++ } ${PRINT}` },
    {
      sql: "SELECT count(DISTINCT remote_addr) AS key, count(DISTINCT url) AS hits",
      awk: "!ip[$1]++ { ips++ } !url[$7]++ { urls++ } END { print ips, urls }",
    },
    {
      sql: "SELECT status AS key, coalesce(sum(bytes), 0) AS hits GROUP BY 1",
      awk: '{ n[$9] += $10 } END { for (k in n) printf "%s %.0f\\n", k, n[k] }',
    },
    // The line that is cut off has an agent without an end, which is none.
    {
      sql: "SELECT status AS key, count(*) AS hits WHERE user_agent LIKE '%Googlebot%' GROUP BY 1",
      awk: `{ split($0, q, "\\"") } q[6] ~ /Googlebot/ && /"$/ { n[$9]++ } ${PRINT}`,
    },
    {
      sql: "SELECT referer LIKE 'http://semicomplete.com/%' AS key, count(*) AS hits GROUP BY 1",
      awk: `{ split($0, q, "\\""); k = q[4] == "-" ? "null" : index(q[4], "http://semicomplete.com/") == 1 ? "true" : "false"; n[k]++ } ${PRINT}`,
    },
    {
      sql: "SELECT strftime(time, '%d/%b/%Y') AS key, count(*) AS hits GROUP BY 1",
      awk: `{ n[substr($4, 2, 11)]++ } ${PRINT}`,
    },
    {
      sql: "SELECT path AS key, count(*) AS hits WHERE query IS NOT NULL GROUP BY 1",
      awk: `$7 ~ /[?]/ { sub(/[?].*/, "", $7); n[$7]++ } ${PRINT}`,
    },
    {
      sql: "SELECT max(bytes) AS key, count(bytes) AS hits",
      awk: '$10 != "-" { c++; if ($10 > m) m = $10 } END { print m, c }',
    },
  ].map((entry) => ({ ...entry, file: "apache_combined_10k.log", format: "combined" })),
  ...[
    {
      sql: "SELECT strftime(time, '%H:%M') AS key, count(*) AS hits GROUP BY 1",
      awk: `{ n[substr($4, 1, 5)]++ } ${PRINT}`,
    },
    {
      sql: "SELECT message LIKE 'mod_jk%' AS key, count(*) AS hits GROUP BY 1",
      awk: `{ n[$7 == "mod_jk" ? "true" : "false"]++ } ${PRINT}`,
    },
  ].map((entry) => ({ ...entry, file: "loghub_apache_2k.log", format: "apache-error" })),
  ...[
    {
      sql: "SELECT strftime(time, '%b-%d') AS key, count(*) AS hits GROUP BY 1",
      awk: `{ n[sprintf("%s-%02d", $1, $2)]++ } ${PRINT}`,
    },
    {
      sql: "SELECT app AS key, count(*) AS hits WHERE message LIKE 'authentication failure%' GROUP BY 1",
      awk: `{ ${TAG} } /: authentication failure/ { n[tag]++ } ${PRINT}`,
    },
    {
      sql: "SELECT pid IS NULL AS key, count(*) AS hits GROUP BY 1",
      awk: `{ n[$5 ~ /\\[[0-9]+\\]:$/ ? "false" : "true"]++ } ${PRINT}`,
    },
  ].map((entry) => ({ ...entry, file: "loghub_linux_2k.log", format: "syslog" })),
  ...[
    {
      sql: "SELECT strftime(time, '%H') AS key, count(*) AS hits GROUP BY 1",
      awk: `{ n[substr($3, 1, 2)]++ } ${PRINT}`,
    },
    {
      sql: "SELECT regexp_extract(message, 'from ([0-9.]+) port', 1) AS key, count(*) AS hits WHERE message LIKE 'Failed password%' GROUP BY 1",
      awk: `/\\]: Failed password/ { match($0, /from [0-9.]+ port/); n[substr($0, RSTART + 5, RLENGTH - 10)]++ } ${PRINT}`,
    },
  ].map((entry) => ({ ...entry, file: "loghub_openssh_2k.log", format: "syslog" })),
  ...[
    {
      sql: "SELECT strftime(date_trunc('hour', time), '%Y-%m-%dT%H') AS key, count(*) AS hits GROUP BY 1",
      awk: `{ n[$1 "T" substr($2, 1, 2)]++ } ${PRINT}`,
    },
    {
      sql: "SELECT contains(message, 'xception') AS key, count(*) AS hits GROUP BY 1",
      awk: `{ n[/\\] - .*xception/ ? "true" : "false"]++ } ${PRINT}`,
    },
  ].map((entry) => ({ ...entry, file: "loghub_zookeeper_2k.log", format: "log4j" })),
  {
    file: "loghub_hdfs_2k.log",
    format: "plain",
    sql: "SELECT split_part(_raw, ' ', 4) AS key, count(*) AS hits GROUP BY 1",
    awk: `{ n[$4]++ } ${PRINT}`,
  },
  ...[
    { sql: "SELECT remote_addr AS key, sum(bytes) AS hits GROUP BY 1", awk: `{ n[$1] += $NF } ${PRINT}` },
    {
      sql: "SELECT strftime(time, '%M') AS key, count(*) AS hits GROUP BY 1",
      awk: `{ n[substr($4, 17, 2)]++ } ${PRINT}`,
    },
  ].map((entry) => ({ ...entry, file: "nasa_common_100.log", format: "common" })),
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

describe.skipIf(!existsSync(REAL_LOGS) || !HAS_AWK)("on the real logs (skipped without shared/data or awk)", () => {
  it.each(LOGS)("$file: $sql", ({ file, sql, awk }) => {
    const path = join(REAL_LOGS, file);
    const env = { ...process.env, LC_ALL: "C" };
    const expected = execFileSync("awk", [awk, path], { encoding: "utf8", env }).trimEnd().split("\n");
    const rows = logmr("query", sql, path, "--quiet").map(({ key, hits }) => `${key} ${hits}`);
    expect(sorted(rows)).toEqual(sorted(expected));
  });

  it.each([...new Map(LOGS.map((log) => [log.file, log.format]))])("every line of %s is one of %s", (file, format) => {
    const path = join(REAL_LOGS, file);
    const lines = Number(execFileSync("awk", ["END { print NR }", path], { encoding: "utf8" }));
    expect(logmr("detect", path)).toEqual([{ file: path, format, lines, parsed: lines }]);
    expect(logmr("query", "SELECT count(*) AS rows", path, "--quiet")).toEqual([{ rows: lines }]);
    expect(logmr("query", "SELECT count(*) AS rows FROM unparsed()", path, "--quiet")).toEqual([{ rows: 0 }]);
  });

  it("no log is left out", () => {
    const logs = readdirSync(REAL_LOGS).filter((name) => name.endsWith(".log"));
    expect(sorted([...new Set(LOGS.map(({ file }) => file))])).toEqual(sorted(logs));
  });
});
