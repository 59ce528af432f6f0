import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Value } from "../../../src/job/result.js";
import { REAL_LOGS } from "../../real-logs.js";
import { aggregate, BYTES, call, field, literal, plan, run, STATUS, scanned, sortedTable, TIME } from "./plans.js";

const file = join(REAL_LOGS, "apache_combined_10k.log");
const isAbsent = !existsSync(file);
const text = isAbsent ? "" : readFileSync(file, "latin1");
const words = text
  .split("\n")
  .filter((line) => line !== "")
  .map((line) => line.split(" "));

/** Like awk's one-liners: counts by a text made of a line's words. */
function countBy(keyOf: (line: readonly string[]) => Value): readonly (readonly Value[])[] {
  const counts = new Map<Value, bigint>();
  for (const line of words) counts.set(keyOf(line), (counts.get(keyOf(line)) ?? 0n) + 1n);
  return sortedTable([...counts]);
}

const MONTHS: Readonly<Record<string, string>> = { May: "05" };

/** `[17/May/2015:10:05:03` as the microseconds of its hour. */
function hourOf(written: string): bigint {
  const [, day, month = "", year, hour] = /^\[(\d+)\/(\w+)\/(\d+):(\d+)/.exec(written) ?? [];
  return BigInt(Date.parse(`${year}-${MONTHS[month]}-${day}T${hour}:00:00Z`)) * 1000n;
}

describe.skipIf(isAbsent)(
  "on a real log of 10,000 lines (skipped where shared data is absent), answers equal awk's:",
  () => {
    test("count by status", () => {
      expect(run(Buffer.from(text, "latin1"), plan({ keys: [STATUS] }))).toEqual(
        countBy((line) => BigInt(line[8] ?? "")),
      );
    });

    test("count by hour", () => {
      const hour = call("timestamp", "date_trunc", literal("string", "hour"), TIME);
      expect(run(Buffer.from(text, "latin1"), plan({ keys: [hour] }))).toEqual(
        countBy((line) => hourOf(line[3] ?? "")),
      );
    });

    test("count by URL", () => {
      expect(run(Buffer.from(text, "latin1"), plan({ keys: [field("url")] }))).toEqual(
        countBy((line) => line[6] ?? ""),
      );
    });

    test("sum of bytes", () => {
      const sum = words.reduce((total, line) => total + (line[9] === "-" ? 0n : BigInt(line[9] ?? "")), 0n);
      expect(run(Buffer.from(text, "latin1"), plan({ aggregates: [aggregate("sum", BYTES)] }))).toEqual([[sum]]);
    });

    test("every line is a row, and the one that is cut off has a malformed user agent", () => {
      const accumulator = scanned(Buffer.from(text, "latin1"), plan({ keys: [field("user_agent")] }));
      expect(accumulator.counters).toMatchObject({ lines: 10_000, unparsed: 0, malformedFields: 1 });
    });
  },
);
