/** Counts over a real Apache log, held against awk's one-liners. */

import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { builtFile } from "../../src/base/package-root.js";
import { REAL_LOGS } from "../real-logs.js";

const LOG = join(REAL_LOGS, "apache_combined_10k.log");
const HAS_AWK = spawnSync("awk", ["BEGIN { exit 0 }"]).status === 0;
const MISSING = !existsSync(LOG) ? "shared/data is not there" : HAS_AWK ? undefined : "awk is not installed";

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

type JsonRow = Readonly<Record<string, string | number | null>>;

function logmr(sql: string): readonly JsonRow[] {
  const args = [builtFile("bin/logmr.js"), "query", sql, LOG, "--output", "json"];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: "utf8" })) as readonly JsonRow[];
}

/** The lines that a shell prints, sorted. */
function shell(command: string): readonly string[] {
  const output = execFileSync("sh", ["-c", command, "sh", LOG], {
    encoding: "utf8",
    env: { ...process.env, LC_ALL: "C" },
  });
  return output.trimEnd().split("\n").sort();
}

const sorted = (lines: readonly string[]): readonly string[] => [...lines].sort();

/** An ISO time in the notation of the log, cut after the hour. */
function hourOfLog(iso: string | number | null | undefined): string {
  const time = new Date(String(iso));
  const day = String(time.getUTCDate()).padStart(2, "0");
  const hour = String(time.getUTCHours()).padStart(2, "0");
  return `${day}/${MONTHS[time.getUTCMonth()]}/${time.getUTCFullYear()}:${hour}`;
}

describe.skipIf(MISSING !== undefined)(
  `on a real log, logmr${MISSING === undefined ? "" : ` (skipped: ${MISSING})`}`,
  () => {
    it("counts by status as awk does", () => {
      const rows = logmr("SELECT status, count(*) AS hits FROM logs GROUP BY status");
      const expected = shell(`awk '{ hits[$9]++ } END { for (status in hits) print status, hits[status] }' "$1"`);
      expect(expected.length).toBeGreaterThan(5);
      expect(sorted(rows.map(({ status, hits }) => `${status} ${hits}`))).toEqual(expected);
    });

    it("counts by hour as awk does", () => {
      const rows = logmr("SELECT date_trunc('hour', time) AS hour, count(*) AS hits FROM logs GROUP BY 1");
      const expected = shell(
        `awk '{ hits[substr($4, 2, 14)]++ } END { for (hour in hits) print hour, hits[hour] }' "$1"`,
      );
      expect(expected.length).toBeGreaterThan(50);
      expect(sorted(rows.map(({ hour, hits }) => `${hourOfLog(hour)} ${hits}`))).toEqual(expected);
    });

    it("counts by URL and adds up their bytes as awk does", () => {
      const rows = logmr("SELECT url, count(*) AS hits, sum(bytes) AS bytes FROM logs GROUP BY url");
      const expected = shell(
        `awk '{ hits[$7]++; bytes[$7] += $10 } END { for (url in hits) printf "%s %d %.0f\\n", url, hits[url], bytes[url] }' "$1"`,
      );
      expect(expected.length).toBeGreaterThan(1000);
      expect(sorted(rows.map(({ url, hits, bytes }) => `${url} ${hits} ${bytes ?? 0}`))).toEqual(expected);
    });

    it("reads as many lines as wc", () => {
      expect(logmr("SELECT count(*) AS hits FROM logs")).toEqual([{ hits: Number(shell(`wc -l < "$1"`)[0]) }]);
    });
  },
);
