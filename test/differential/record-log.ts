/** JSON lines, CSV and logfmt: mixed types, missing keys, escapes, edges of numbers, lines that are no records. */

import type { RandomStream } from "../sim/random-stream.js";
import { ended } from "./combined-log.js";
import type { Cell, GeneratedLog, LogField } from "./generated-log.js";
import { momentNear } from "./moments.js";

/** A value as it stands in the log, quoted or not, and what it means; `written` is undefined where the key is missing. */
interface Written {
  readonly written: string | undefined;
  readonly value: Cell;
}

type Format = "json" | "csv" | "logfmt";

const LEVELS = ["debug", "info", "info", "info", "warn", "error", "INFO"];
const MESSAGES = [
  "",
  "started",
  "user 'x' said \"hi\"",
  "tab\there",
  "back\\slash",
  "a,b;c|d",
  "k=v",
  "naïve café",
  "😀 emoji",
  "日本語",
  " padded ",
  "100%",
  "under_score",
  "null",
  "{}",
  "/a/b",
];
const BIG = [
  0n,
  1n,
  -1n,
  2n ** 53n + 1n,
  -(2n ** 53n) - 1n,
  2n ** 63n - 1n,
  -(2n ** 63n),
  2n ** 31n,
  -(2n ** 31n) - 1n,
];
const EDGES = ["0.0", "1e308", "-1.7976931348623157e308", "5e-324", "0.1", "0.30000000000000004", "1E+3", "-12.50"];
const EXACT = ["0.25", "-0.5", "3.125", "1.5", "1000.0", "7", "-2", "0.0", "123456.75"];
const ARRAYS = ["[]", '["a",1]', "[1, 2]", '[{"x":"]"}]'];

const json = (text: string): string => JSON.stringify(text);

/** Text in the quotes of a format. JSON writes some letters as escapes, which mean the same. */
function quoted(format: Format, text: string, random: RandomStream): string {
  if (format === "csv") return `"${text.replaceAll('"', '""')}"`;
  if (!random.chance(0.2)) return json(text);
  const escaped = Array.from(text).map((letter) => {
    if (random.chance(0.7)) return json(letter).slice(1, -1);
    return Array.from(
      { length: letter.length },
      (_, unit) => `\\u${letter.charCodeAt(unit).toString(16).padStart(4, "0")}`,
    ).join("");
  });
  return `"${escaped.join("")}"`;
}

function textValue(format: Format, text: string, random: RandomStream): Written {
  const isBare = format !== "json" && /^[a-z0-9/_.%-]+$/i.test(text) && random.chance(0.6);
  return { written: isBare ? text : quoted(format, text, random), value: text };
}

const plainly = (written: string, value: Cell): Written => ({ written, value });

/** A value of another type, so that the column is text: what it holds is as it was written. */
function mixedValue(format: Format, random: RandomStream): Written {
  const kinds = ["12", "-3.50", "true", "007x", "1e5"];
  const bare = random.pick(format === "json" ? ["12", "-3.50", "true", "1e5", ...ARRAYS] : kinds);
  return random.chance(0.5)
    ? plainly(bare, bare)
    : textValue(format, random.pick(["12", " 7 ", "x", "1.5", "yes"]), random);
}

function isoTime(micros: bigint, random: RandomStream): string {
  const fraction = String(((micros % 1_000_000n) + 1_000_000n) % 1_000_000n).padStart(6, "0");
  const zoneMinutes = random.pick([0, 0, 0, 120, -330]);
  const local = new Date(Number(micros / 1000n) + zoneMinutes * 60_000).toISOString().slice(0, 19);
  const sign = zoneMinutes < 0 ? "-" : "+";
  const minutes = Math.abs(zoneMinutes);
  const offset = `${sign}${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
  const digits = fraction === "000000" && random.chance(0.5) ? "" : `.${fraction}`;
  return `${local}${digits}${zoneMinutes === 0 ? "Z" : offset}`;
}

type ValueMaker = (format: Format, random: RandomStream) => Written;

interface Column extends LogField {
  readonly path: readonly string[];
  readonly make: ValueMaker;
  /** What the first row has, so that the sample tells the type. */
  readonly first: string;
  readonly isAlwaysThere?: boolean;
}

const quotedTime = (format: Format, micros: bigint, random: RandomStream): string => {
  const text = isoTime(micros, random);
  return format === "json" ? json(text) : text;
};

const column = (
  name: string,
  type: LogField["type"],
  first: string,
  make: ValueMaker,
  more: Partial<Column> = {},
): Column => ({ name, type, first, make, path: [name], isTame: true, ...more });

const COLUMNS: readonly Column[] = [
  column(
    "time",
    "timestamp",
    "2024-01-15T10:00:00Z",
    (format, random) => {
      const micros = momentNear(random, random.pick([1n, 1000n, 1_000_000n]));
      return plainly(quotedTime(format, micros, random), micros);
    },
    { isAlwaysThere: true },
  ),
  column("level", "string", "info", (format, random) => textValue(format, random.pick(LEVELS), random)),
  column("n", "i64", "5", (_, random) => {
    const value = random.chance(0.3) ? random.integer(-3, 3) : random.integer(-100_000, 100_000);
    return plainly(String(value), BigInt(value));
  }),
  column(
    "big",
    "i64",
    "9",
    (_, random) => {
      const value = random.pick(BIG);
      return plainly(String(value), value);
    },
    { isTame: false },
  ),
  column("ratio", "f64", "0.5", (_, random) => {
    const text = random.chance(0.5) ? random.pick(EXACT) : random.between(0, 1000).toFixed(random.integer(1, 6));
    return plainly(text, Number(text));
  }),
  column(
    "edge",
    "f64",
    "1.5",
    (_, random) => {
      const text = random.pick(EDGES);
      return plainly(text, Number(text));
    },
    { isTame: false },
  ),
  column("ok", "bool", "true", (_, random) => {
    const value = random.chance(0.6);
    return plainly(String(value), value);
  }),
  column("msg", "string", "started", (format, random) => textValue(format, random.pick(MESSAGES), random)),
  column("mixed", "string", "x", mixedValue),
];

const NESTED: readonly Column[] = [
  column(
    "http.status",
    "i64",
    "200",
    (_, random) => {
      const value = random.pick([200, 200, 404, 500]);
      return plainly(String(value), BigInt(value));
    },
    { path: ["http", "status"] },
  ),
  column("http.path", "string", "/", (format, random) => textValue(format, random.pick(["/", "/a", "/ü?q"]), random), {
    path: ["http", "path"],
  }),
];

const columnsOf = (format: Format): readonly Column[] => (format === "json" ? [...COLUMNS, ...NESTED] : COLUMNS);

function writtenOf(column: Column, format: Format, isFirst: boolean, random: RandomStream): Written {
  if (isFirst) {
    const isText = column.type === "string" || column.type === "timestamp";
    const value = column.type === "string" ? column.first : firstValue(column);
    return { written: isText && format === "json" ? json(column.first) : column.first, value };
  }
  if ((column.isAlwaysThere && format === "logfmt") || random.chance(0.85)) return column.make(format, random);
  if (format === "csv") return { written: "", value: null };
  const isMissing = random.chance(0.5);
  return { written: isMissing ? undefined : format === "json" ? "null" : "", value: null };
}

function firstValue({ type, first }: Column): Cell {
  if (type === "timestamp") return BigInt(Date.parse(first)) * 1000n;
  if (type === "i64") return BigInt(first);
  return type === "bool" ? first === "true" : Number(first);
}

const shuffled = <Item>(items: readonly Item[], random: RandomStream): readonly Item[] => {
  const left = [...items];
  return items.flatMap(() => left.splice(random.integer(0, left.length - 1), 1));
};

function jsonLine(columns: readonly Column[], values: readonly Written[], random: RandomStream): string {
  const space = random.chance(0.3) ? " " : "";
  const pair = (key: string, written: string): string => `${json(key)}${space}:${space}${written}`;
  const top: string[] = [];
  const nested: string[] = [];
  columns.forEach(({ path }, index) => {
    const written = values[index]?.written;
    if (written === undefined) return;
    (path.length > 1 ? nested : top).push(pair(path.at(-1) ?? "", written));
  });
  if (nested.length > 0) top.push(pair("http", `{${nested.join(`,${space}`)}}`));
  // Of a key that occurs twice, the last counts.
  const level = values[1]?.written;
  const repeated = level !== undefined && random.chance(0.1) ? [pair("level", json("overruled"))] : [];
  return `{${[...repeated, ...shuffled(top, random)].join(`,${space}`)}}`;
}

function logfmtLine(columns: readonly Column[], values: readonly Written[], random: RandomStream): string {
  const pairs = columns.flatMap(({ name }, index) => {
    const written = values[index]?.written;
    if (written === undefined) return [];
    return [written === "" && random.chance(0.5) && name !== "time" ? name : `${name}=${written}`];
  });
  // A line begins with a pair: bare words before it are a sentence.
  const [first = "", ...others] = pairs;
  return [first, ...shuffled(others, random)].join(random.chance(0.9) ? " " : "  ");
}

const BROKEN: Readonly<Record<Format, readonly string[]>> = {
  json: ["", "{", "null", '{"level":"info"', '["a"]', '{"a":1} x', "not json"],
  csv: ["", "1,2", '"open,x', "a,b,c,d,e,f,g,h,i,j,k"],
  logfmt: ["", 'x="open', "just a sentence"],
};

export function recordLog(format: Format, random: RandomStream): GeneratedLog {
  const columns = columnsOf(format);
  const lines: string[] = [];
  const rows: Cell[][] = [];
  let unparsed = 0;
  if (format === "csv") {
    lines.push(columns.map(({ name }) => name).join(","));
    unparsed += 1;
  }
  for (let count = random.integer(40, 300); count > 0; count -= 1) {
    if (rows.length > 0 && random.chance(0.04)) {
      lines.push(random.pick(BROKEN[format]));
      unparsed += 1;
      continue;
    }
    const isFirst = rows.length === 0;
    const values = columns.map((column) => writtenOf(column, format, isFirst, random));
    if (format === "csv") lines.push(values.map(({ written }) => written ?? "").join(","));
    else lines.push(format === "json" ? jsonLine(columns, values, random) : logfmtLine(columns, values, random));
    rows.push(values.map(({ value }) => value));
  }
  const fields = columns.map(({ name, type, isTame }) => ({ name, type, isTame }));
  return { format, fields, text: ended(lines, random), rows, unparsed };
}
