/** Values: times in every layout, texts that functions take, files of which nothing is known. */

import { detectFormat } from "../../src/engine/formats/detect-format.js";
import { formatByName } from "../../src/engine/formats/formats.js";
import { CALLABLE_FUNCTIONS, scalarFunction } from "../../src/engine/functions/catalogue.js";
import { isoTimestamp } from "../../src/engine/functions/scalar/calendar.js";
import { castValue } from "../../src/engine/functions/scalar/cast.js";
import { parseTime } from "../../src/engine/kernels/twins/time-layouts.js";
import type { ValueType } from "../../src/engine/plan.js";
import type { Value } from "../../src/job/result.js";
import type { RandomStream } from "../sim/random-stream.js";
import { SAMPLES } from "../unit/engine/formats/sample-lines.js";
import { expectSame, FuzzError, unlessRefused } from "./check.js";
import type { FuzzTarget } from "./fuzz.js";
import { mutateBytes, randomText } from "./mutate.js";

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const two = (value: number): string => String(value).padStart(2, "0");

/** A second of the years 1 to 9999 as the runtime's Date has it, which knows nothing of our calendar. */
function randomDate(random: RandomStream): Date {
  const date = new Date(0);
  date.setTime(Math.floor(random.between(-62_135_596_800, 253_402_300_799)) * 1000);
  return date;
}

const zoneText = (minutes: number, colon: string): string =>
  `${minutes < 0 ? "-" : "+"}${two(Math.floor(Math.abs(minutes) / 60))}${colon}${two(Math.abs(minutes) % 60)}`;

/** Written times are read as what was written; damaged ones never crash, and what is read of them is a time. */
export const TIMES: FuzzTarget = {
  name: "times",
  weight: 10,
  run(random) {
    const date = randomDate(random);
    const zone = random.integer(-14 * 60, 14 * 60);
    const year = String(date.getUTCFullYear()).padStart(4, "0");
    const clock = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;
    const [day, month] = [two(date.getUTCDate()), date.getUTCMonth()];
    const micros = random.chance(0.5) ? 0 : random.integer(0, 999_999);
    const expected = BigInt(date.getTime()) * 1000n - BigInt(zone) * 60_000_000n;
    const fraction = micros === 0 ? "" : `.${String(micros).padStart(6, "0")}`;
    const clf = `${day}/${MONTHS[month]}/${year}:${clock} ${zoneText(zone, "")}`;
    const iso = `${year}-${two(month + 1)}-${day}T${clock}${fraction}${zoneText(zone, ":")}`;
    expectSame("time", parseTime("clf", clf)?.micros, expected, clf);
    expectSame("time", parseTime("iso", iso)?.micros, expected + BigInt(micros), iso);
    expectSame("cast", castValue(iso, "string", "timestamp"), expected + BigInt(micros), iso);
    const shownAgain = isoTimestamp(expected);
    if (/^\d{4}-/.test(shownAgain)) expectSame("time", parseTime("iso", shownAgain)?.micros, expected, shownAgain);
    const damaged = Buffer.from(mutateBytes(Buffer.from(random.chance(0.5) ? clf : iso), random)).toString("latin1");
    for (const layout of ["clf", "clf-local", "iso", "rfc3339", "ctime"] as const) {
      const read = parseTime(layout, damaged);
      if (read !== undefined && (read.length > damaged.length || read.length <= 0))
        throw new FuzzError("length", damaged);
    }
    return 4;
  },
};

const TEXTS = [
  "a",
  "/",
  "?",
  "&",
  "=",
  "%41",
  "%",
  "+",
  "http://",
  "x.org",
  ":",
  "::",
  "1.2.3.4",
  "2001:db8",
  "ffff",
  "/64",
  "Mozilla/5.0",
  "bot",
  "é",
  "😀",
  "é".normalize("NFD"),
  " ",
  "-",
  "12",
  "1e5",
  "0x1",
  "\u0000",
  "\ud800",
];
const DOUBLES = [
  0,
  -0,
  1.5,
  -2.5,
  1e308,
  -1e308,
  5e-324,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  2 ** 53 + 2,
];

function valueOfType(type: ValueType, random: RandomStream): Value {
  if (random.chance(0.1)) return null;
  switch (type) {
    case "string":
      return randomText(TEXTS, 8, random);
    case "f64":
      return random.chance(0.5) ? random.pick(DOUBLES) : random.between(-1e6, 1e6);
    case "bool":
      return random.chance(0.5);
    default:
      return random.chance(0.5)
        ? BigInt(random.integer(-1000, 1000))
        : random.pick([2n ** 63n - 1n, -(2n ** 63n), 0n, 2n ** 53n + 1n]);
  }
}

/** Patterns and formats must be constants that the binder has checked. */
const CHECKED = new Set(["regexp_matches", "regexp_extract", "strftime", "date_trunc", "date_part", "time_bucket"]);
const FUNCTION_NAMES = CALLABLE_FUNCTIONS.filter((name) => !CHECKED.has(name));
const TYPES: readonly ValueType[] = ["i64", "f64", "bool", "string", "timestamp"];

/** Functions take any value of their types: a value or NULL comes out, or an overflow is told. */
export const FUNCTIONS: FuzzTarget = {
  name: "functions",
  weight: 8,
  run(random) {
    const name = random.pick(FUNCTION_NAMES);
    const definition = scalarFunction(name);
    if (definition === undefined) throw new FuzzError("no function", name);
    const { rule } = definition;
    const one = random.pick(rule.kind === "same" ? (rule.among ?? TYPES) : TYPES);
    const types =
      rule.kind === "same"
        ? Array.from({ length: Math.min(rule.most, rule.least + random.integer(0, 2)) }, () => one)
        : rule.types.slice(0, random.integer(rule.least ?? rule.types.length, rule.types.length));
    const values = types.map((type) => valueOfType(type, random));
    const input = { name, values: values.map(String) };
    const result = unlessRefused(["ScalarError"], input, () =>
      definition.evaluate(values, { arguments: types, result: definition.resultType(types) }),
    );
    if (typeof result === "bigint" && BigInt.asIntN(64, result) !== result)
      throw new FuzzError(`beyond 64 bits: ${result}`, input);
    return 1;
  },
};

const PIECES = [
  "{",
  "}",
  '"a":',
  "1,",
  ",",
  "=",
  "a=b",
  " ",
  "\t",
  "#Fields: ",
  "date time",
  "\n",
  "\n",
  "[",
  "]",
  "stderr F",
  "<34>1 ",
  '"',
  "2024-01-01T00:00:00Z",
  "Jan  1 00:00:00",
];

/** Any bytes have a format, and any text is one or is refused. */
export const DETECTION: FuzzTarget = {
  name: "detection",
  weight: 1,
  run(random) {
    const sample = SAMPLES[random.integer(0, SAMPLES.length - 1)];
    const lines = random.chance(0.5) ? randomText(PIECES, 60, random) : (sample?.lines.join("\n") ?? "");
    const bytes = mutateBytes(Buffer.from(lines), random);
    const { format, lines: count, parsed } = detectFormat({ bytes, referenceMs: Date.UTC(2024, 0) });
    if (parsed > count) throw new FuzzError(`${parsed} of ${count} lines`, bytes);
    unlessRefused([], format, () => formatByName(format));
    const text = randomText(
      ["json:", "csv:", "w3c:", "syslog:", "docker:", "cri:", "[", "]", '"a"', ",", '"i64"', "2024-01", ...PIECES],
      8,
      random,
    );
    unlessRefused(["FormatError"], text, () => formatByName(text));
    return 2;
  },
};
