/** Mutated lines of every format: the kernels and their twins read the same rows and values of them. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { detectFormat } from "../../src/engine/formats/detect-format.js";
import { formatByName } from "../../src/engine/formats/formats.js";
import { recordText } from "../../src/engine/formats/record-formats.js";
import { Kernels } from "../../src/engine/kernels/kernels.js";
import { splitLines } from "../../src/engine/kernels/twins/lines.js";
import { VertexAccumulator } from "../../src/engine/vertex-accumulator.js";
import { naiveMalformed, naiveTable } from "../property/engine/naive-map.js";
import { REAL_LOGS } from "../real-logs.js";
import type { RandomStream } from "../sim/random-stream.js";
import { SAMPLES } from "../unit/engine/formats/sample-lines.js";
import { field, memoryReader, plan, tableOf, wholeRange } from "../unit/engine/plans.js";
import { expectSame, unlessRefused } from "./check.js";
import type { FuzzTarget } from "./fuzz.js";
import { mutateBytes, randomText } from "./mutate.js";

interface Corpus {
  readonly format: string;
  readonly lines: readonly Uint8Array[];
}

const LINES_PER_ROUND = 40;
const LINES_OF_A_LOG = 400;
const kernels = Kernels.instantiate();

const bytesOf = (line: string): Uint8Array => new Uint8Array(Buffer.from(line, "latin1"));

/** The documented lines of each format, and those of the real logs where they are there. */
function corpora(): readonly Corpus[] {
  const documented = SAMPLES.map(({ format, lines }) => ({
    format,
    lines: lines.map((line) => new Uint8Array(Buffer.from(line))),
  }));
  if (!existsSync(REAL_LOGS)) return documented;
  const real = readdirSync(REAL_LOGS)
    .filter((name) => name.endsWith(".log"))
    .map((name): Corpus => {
      const bytes = readFileSync(join(REAL_LOGS, name));
      const { format } = detectFormat({ bytes: bytes.subarray(0, 64 * 1024), referenceMs: Date.UTC(2026, 0) });
      return { format, lines: splitLines(bytes).slice(0, LINES_OF_A_LOG) };
    });
  return [...documented, ...real];
}

const CORPORA = corpora();

function textOf(lines: readonly Uint8Array[], random: RandomStream): Uint8Array {
  const ends = lines.map(() => Buffer.from(random.chance(0.2) ? "\r\n" : "\n"));
  return new Uint8Array(Buffer.concat(lines.flatMap((line, index) => [line, ends[index] ?? Buffer.alloc(0)])));
}

/** Counts of keys that differ in invalid UTF-8 only, or in the sign of 0, are added up. */
function byText(table: readonly (readonly unknown[])[]): ReadonlyMap<string, bigint> {
  const counts = new Map<string, bigint>();
  for (const row of table) {
    const text = row
      .slice(0, -1)
      .map((key) => `${typeof key}:${key === 0 ? 0 : key}`)
      .join("|");
    counts.set(text, (counts.get(text) ?? 0n) + BigInt(row.at(-1) as bigint));
  }
  return counts;
}

/** Holds a scan against the twin, in one field or two. */
function compareScan(format: string, text: Uint8Array, random: RandomStream): number {
  const fields = formatByName(format).fields.filter(({ name }) => name !== "_file" && name !== "_node");
  const chosen = [random.pick(fields), random.pick(fields)];
  const map = plan({ keys: chosen.map(({ name, type }) => field(name, type)) });
  const accumulator = new VertexAccumulator(kernels, map);
  accumulator.scan(
    memoryReader(text, random.chance(0.3) ? random.integer(1, 500) : undefined),
    wholeRange(text, format),
  );
  const expected = naiveTable(text, map, format);
  const input = { format, text: Buffer.from(text).toString("latin1"), fields: chosen.map(({ name }) => name) };
  expectSame("groups", byText(tableOf(accumulator, map)), byText(expected.table), input);
  const { lines, unparsed, malformedFields } = accumulator.counters;
  expectSame("counters", { lines, unparsed }, { lines: expected.lines, unparsed: expected.unparsed }, input);
  const [first, second] = chosen;
  if (first !== undefined && first.name === second?.name) {
    const malformed = splitLines(text).reduce((sum, line) => sum + naiveMalformed(format, line, first.name), 0);
    expectSame("malformed fields", malformedFields, malformed, input);
  }
  return expected.lines;
}

export const LINES: FuzzTarget = {
  name: "lines",
  weight: 40,
  run(random) {
    const { format, lines } = random.pick(CORPORA);
    const mutated = Array.from({ length: LINES_PER_ROUND }, () => mutateBytes(random.pick(lines), random));
    return compareScan(format, textOf(mutated, random), random);
  },
};

const KEYS = ["a", "b", "c", "http", "é", 'q"', "x.y"];
const SCALARS = [
  "1",
  "-2.5",
  "1e5",
  "true",
  "false",
  "null",
  '""',
  '"x"',
  '"\\u00e9\\n"',
  '"a\\"b"',
  "[]",
  '[1,"]"]',
  "{}",
  "9223372036854775808",
];

function jsonValue(random: RandomStream, depth: number): string {
  if (depth > 0 && random.chance(0.2)) return jsonObject(random, depth - 1);
  return random.pick(SCALARS);
}

function jsonObject(random: RandomStream, depth: number): string {
  const space = random.chance(0.2) ? " " : "";
  const pairs = Array.from(
    { length: random.integer(0, 5) },
    () => `${JSON.stringify(random.pick(KEYS))}:${space}${jsonValue(random, depth)}`,
  );
  return `{${pairs.join(`,${space}`)}}`;
}

const LOGFMT = ["a", "b=", "c=1", 'd="x y"', 'e="\\"', "=", " ", "  ", '"', "a=b=c", "\t", "é=ü"];
const CSV = ["1", "-2.5", "x", '"a,b"', '"a""b"', '"', ",", ",", ",", "", "true", " "];

const RECORD_FORMATS = [
  recordText({
    kind: "json",
    columns: [
      { path: ["a"], type: "i64" },
      { path: ["b"], type: "string" },
      { path: ["http", "a"], type: "f64" },
      { path: ["c"], type: "bool" },
      { path: ["é"], type: "string" },
      { path: ["x.y"], type: "timestamp" },
    ],
  }),
  recordText({
    kind: "logfmt",
    columns: [
      { path: ["a"], type: "string" },
      { path: ["c"], type: "i64" },
      { path: ["d"], type: "string" },
      { path: ["e"], type: "f64" },
    ],
  }),
  recordText({
    kind: "csv",
    delimiter: ",",
    header: "a,b,c",
    columns: [
      { path: ["a"], type: "string" },
      { path: ["b"], type: "f64" },
      { path: ["c"], type: "bool" },
    ],
  }),
];

function recordLine(format: string, random: RandomStream): Uint8Array {
  const text = format.startsWith("json:")
    ? jsonObject(random, 3)
    : Array.from({ length: random.integer(0, 8) }, () => random.pick(format.startsWith("csv:") ? CSV : LOGFMT)).join(
        random.chance(0.5) && format.startsWith("logfmt:") ? " " : "",
      );
  const line = new Uint8Array(Buffer.from(text));
  return random.chance(0.5) ? line : mutateBytes(line, random);
}

export const RECORDS: FuzzTarget = {
  name: "records",
  weight: 20,
  run(random) {
    const format = random.pick(RECORD_FORMATS);
    const lines = Array.from({ length: LINES_PER_ROUND }, () => recordLine(format, random));
    return compareScan(format, textOf(lines, random), random);
  },
};

const NGINX = [
  "$remote_addr",
  "$remote_user",
  "$time_local",
  "$request",
  "$status",
  "$body_bytes_sent",
  "$my_var",
  "$request_time",
  "$\u007bhost}",
  "$",
  "$$",
  "$time_iso8601",
  "$msec",
];
const APACHE = ["%h", "%l", "%u", "%t", "%r", "%>s", "%b", "%O", "%{X-Id}i", "%D", "%%", "%", "%{%s}t", "%v", "%q"];
const BETWEEN = [" ", " ", ' "', '" ', "[", "] ", " - ", ",", "", "\t", "é", "|"];
const LOG_WORDS = [
  "1.2.3.4",
  "-",
  "[10/Oct/2000:13:55:36 -0700]",
  '"GET / HTTP/1.1"',
  "200",
  "17",
  "0.005",
  '"',
  "]",
  "x y",
];

/** Templates are texts from the command line; what a format made of one reads, its twin reads. */
export const TEMPLATES: FuzzTarget = {
  name: "templates",
  weight: 5,
  run(random) {
    const pieces = random.chance(0.5) ? NGINX : APACHE;
    const template = Array.from(
      { length: random.integer(1, 6) },
      () => random.pick(pieces) + random.pick(BETWEEN),
    ).join("");
    const format = unlessRefused(["FormatError"], template, () => formatByName(template));
    if (format === undefined || format.name !== template) return 1;
    const lines = Array.from({ length: 10 }, () =>
      bytesOf(randomText([...LOG_WORDS, ...BETWEEN.slice(0, 8)], 14, random)),
    );
    return 1 + compareScan(template, textOf(lines, random), random);
  },
};
