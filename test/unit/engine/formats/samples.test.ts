import { describe, expect, test } from "vitest";
import { detectFormat } from "../../../../src/engine/formats/detect-format.js";
import { fieldOf, formatByName, shortName } from "../../../../src/engine/formats/formats.js";
import type { Value } from "../../../../src/job/result.js";
import { bytesOf, field, plan, run } from "../plans.js";
import { SAMPLES } from "./sample-lines.js";

/** A value as the samples write it. */
function shown(value: Value | undefined, type: string): unknown {
  if (type !== "timestamp" || typeof value !== "bigint") return typeof value === "bigint" ? Number(value) : value;
  const micros = String(value % 1_000_000n).padStart(6, "0");
  return `${new Date(Number(value / 1000n)).toISOString().slice(0, 19)}.${micros}Z`;
}

describe("the first documented line has its fields", () => {
  test.each(SAMPLES.map((sample) => [sample.format, sample] as const))("in %s", (_name, { format, lines, first }) => {
    const columns = Object.keys(first).map(
      (name) => fieldOf(formatByName(format), name) ?? { name, type: "string" as const },
    );
    const table = run(lines[0] ?? "", plan({ keys: columns.map(({ name, type }) => field(name, type)) }), format);
    const values = columns.map(({ name, type }, index) => [name, shown(table[0]?.[index], type)]);
    expect(Object.fromEntries(values)).toEqual(first);
  });
});

const TEMPLATES = /[$%]/;

describe("a sample of good lines is detected", () => {
  test.each(
    SAMPLES.filter(({ format }) => !TEMPLATES.test(format)).map(
      (sample) => [shortName(sample.format), sample] as const,
    ),
  )("as %s", (short, { format, lines }) => {
    const header = format.startsWith("w3c:")
      ? [`#Fields: ${format.slice(4)}`]
      : format.startsWith("csv:")
        ? ["name,n,x,at"]
        : [];
    const text = [...header, ...Array.from({ length: 5 }, () => lines[0] ?? "")].map((line) => `${line}\n`).join("");
    const detected = detectFormat({ bytes: bytesOf(text), referenceMs: Date.UTC(2006, 0, 30) });
    expect(shortName(detected.format)).toBe(short);
    expect(detected.parsed).toBe(5);
  });
});
