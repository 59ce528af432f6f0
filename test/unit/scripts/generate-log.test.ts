import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { LogFormat } from "../../../scripts/generate-log/line-formats.js";
import {
  DEFAULT_LOG_OPTIONS,
  generateLog,
  type LogOptions,
  type LogSummary,
} from "../../../scripts/generate-log/log-generator.js";

interface Generated {
  readonly text: string;
  readonly lines: readonly string[];
  readonly blocks: readonly Uint8Array[];
  readonly summary: LogSummary;
}

function generate(options: Partial<LogOptions>): Generated {
  const blocks: Uint8Array[] = [];
  const generator = generateLog({ ...DEFAULT_LOG_OPTIONS, length: { lines: 10_000 }, ...options });
  for (let step = generator.next(); ; step = generator.next()) {
    if (step.done === true) {
      const text = Buffer.concat(blocks).toString("latin1");
      return { text, lines: text.split("\n").slice(0, -1), blocks, summary: step.value };
    }
    blocks.push(step.value);
  }
}

const digestOf = (text: string): string => createHash("sha256").update(text, "latin1").digest("hex");

const TIME = String.raw`\[\d{2}\/[A-Z][a-z]{2}\/\d{4}:\d{2}:\d{2}:\d{2} \+0000\]`;
const QUOTED = String.raw`"(?:[^"\\]|\\.)*"`;
const COMMON = new RegExp(String.raw`^([0-9a-f.:]+) - (\S+) (${TIME}) (${QUOTED}) (\d{3}) (\d+|-)$`);
const COMBINED = new RegExp(COMMON.source.replace(/\$$/, ` (${QUOTED}) (${QUOTED})$`));

function parses(line: string, format: LogFormat): boolean {
  if (format === "combined" || format === "common") return (format === "combined" ? COMBINED : COMMON).test(line);
  try {
    return typeof JSON.parse(line) === "object";
  } catch {
    return false;
  }
}

describe("generateLog", () => {
  it.each(["combined", "common", "json", "application"] as const)(
    "gives the same bytes for the same options in %s",
    (format) => {
      const first = generate({ format });
      expect(generate({ format }).text).toBe(first.text);
      expect(generate({ format, seed: 2 }).text).not.toBe(first.text);
    },
  );

  it("gives the bytes it gave before", () => {
    expect(digestOf(generate({ seed: 42 }).text)).toBe(
      "e81ab792da17b6249a498d2c0a2b3bc2b117d7805d57ce4aeaad8accb0d966e0",
    );
  });

  it.each([
    { format: "combined", brokenRate: 0 },
    { format: "common", brokenRate: 0 },
    { format: "json", brokenRate: 0 },
    { format: "combined", brokenRate: 0.02 },
    { format: "common", brokenRate: 0.02 },
    { format: "json", brokenRate: 0.02 },
    { format: "application", brokenRate: 0 },
    { format: "application", brokenRate: 0.02 },
  ] as const)("breaks lines of $format at the rate $brokenRate, and no others", ({ format, brokenRate }) => {
    const { lines, summary } = generate({ format, brokenRate, length: { lines: 20_000 } });
    const unparsed = lines.filter((line) => !parses(line, format)).length;
    expect(unparsed).toBe(summary.brokenLines);
    expect(unparsed / lines.length).toBeGreaterThanOrEqual(brokenRate * 0.8);
    expect(unparsed / lines.length).toBeLessThanOrEqual(brokenRate * 1.2);
  });

  it.each([0, 1, 7, 12_345])("stops after exactly %i lines", (count) => {
    const { lines, summary, text } = generate({ length: { lines: count } });
    expect(lines).toHaveLength(count);
    expect(summary).toMatchObject({ lines: count, bytes: text.length });
  });

  it.each([0, 1, 1_000_000, 3_333_333])("stops with the line that reaches %i bytes", (bytes) => {
    const { lines, text } = generate({ length: { bytes } });
    expect(text.length).toBeGreaterThanOrEqual(bytes);
    expect(text.length - bytes).toBeLessThanOrEqual(lines.at(-1)?.length ?? 0);
  });

  it("yields blocks that end with a whole line", () => {
    const { blocks } = generate({ length: { bytes: 4_000_000 } });
    expect(blocks.length).toBeGreaterThan(2);
    for (const block of blocks) expect(block.at(-1)).toBe(0x0a);
  });
});

describe("a generated log", () => {
  const { lines, text } = generate({ length: { lines: 60_000 }, brokenRate: 0, seed: 5 });
  const rows = lines.map((line) => COMBINED.exec(line) ?? []);

  it("averages about 240 bytes a line", () => {
    expect(text.length / lines.length).toBeGreaterThan(225);
    expect(text.length / lines.length).toBeLessThan(255);
  });

  it("is in time order and spans its days", () => {
    const times = rows.map((row) => timeOf(row[3] ?? ""));
    expect(times.every((time, index) => index === 0 || time >= (times[index - 1] ?? 0))).toBe(true);
    const days = ((times.at(-1) ?? 0) - (times[0] ?? 0)) / 86_400_000;
    expect(days).toBeGreaterThan(6);
    expect(days).toBeLessThan(8);
  });

  it("has quiet nights and busy days", () => {
    const hours = countBy(rows, (row) => (row[3] ?? "").slice(13, 15));
    expect(hours.get("11") ?? 0).toBeGreaterThan(4 * (hours.get("03") ?? 0));
  });

  it("has few busy clients and pages, and many rare ones", () => {
    for (const column of [1, 4]) {
      const counts = [...countBy(rows, (row) => row[column] ?? "").values()].sort((left, right) => right - left);
      expect(counts.length).toBeGreaterThan(4_000);
      const top = counts.slice(0, counts.length / 100).reduce((sum, count) => sum + count, 0);
      expect(top).toBeGreaterThan(rows.length / 10);
      expect(counts[Math.floor(counts.length / 2)]).toBeLessThan(15);
    }
  });

  it("has its 5xx in bursts", () => {
    const failures = rows.filter((row) => (row[5] ?? "").startsWith("5"));
    const hours = [...countBy(failures, (row) => (row[3] ?? "").slice(0, 15)).values()].sort((a, b) => b - a);
    const busiest = hours.slice(0, 20).reduce((sum, count) => sum + count, 0);
    expect(failures.length).toBeGreaterThan(100);
    expect(busiest).toBeGreaterThan(failures.length * 0.8);
  });

  it("tells no bytes of answers without a body, and only of those", () => {
    for (const row of rows) {
      const none = ["304", "204", "408"].includes(row[5] ?? "");
      expect(row[6] === "-", row[0]).toBe(none);
    }
  });

  it.each([
    { what: "a hundred user agents", holds: () => countBy(rows, (row) => row[8] ?? "").size >= 100 },
    { what: "clients with IPv6", holds: () => rows.some((row) => row[1]?.includes(":")) },
    {
      what: "users who logged in, rarely",
      holds: () =>
        between(
          share((row) => row[2] !== "-"),
          0.0005,
          0.02,
        ),
    },
    { what: "requests that are not HTTP", holds: () => rows.some((row) => row[4]?.includes("\\x16\\x03")) },
    { what: "requests of nothing", holds: () => rows.some((row) => row[4] === '"-"') },
    { what: "quotes within user agents", holds: () => rows.some((row) => row[8]?.includes('\\"KFTRWI\\"')) },
    {
      what: "crawlers",
      holds: () =>
        between(
          share((row) => row[8]?.includes("bot") === true),
          0.01,
          0.3,
        ),
    },
    {
      what: "referrers of its own pages",
      holds: () =>
        between(
          share((row) => row[7]?.includes("example.com/") === true),
          0.4,
          0.9,
        ),
    },
    {
      what: "queries",
      holds: () =>
        between(
          share((row) => row[4]?.includes("?") === true),
          0.02,
          0.3,
        ),
    },
  ])("has $what", ({ holds }) => {
    expect(holds()).toBe(true);
  });

  function share(holds: (row: readonly string[]) => boolean): number {
    return rows.filter(holds).length / rows.length;
  }
});

function between(value: number, low: number, high: number): boolean {
  return value >= low && value <= high;
}

function countBy(rows: readonly (readonly string[])[], keyOf: (row: readonly string[]) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const row of rows) counts.set(keyOf(row), (counts.get(keyOf(row)) ?? 0) + 1);
  return counts;
}

function timeOf(bracketed: string): number {
  return Date.parse(bracketed.slice(1, -1).replace(/\//g, " ").replace(":", " "));
}
