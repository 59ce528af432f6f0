/** Functions of times and of status codes. */

import { BUCKET_ORIGIN_MICROS } from "../../functions/scalar/time-parts.js";
import type { CallExpression } from "../../plan.js";
import type { Column } from "../batch.js";
import { literalText } from "../literals.js";
import { PlanError } from "../plan-error.js";
import { argumentOf, type CallCompiler, type Compilation, unsupportedTypes } from "./call-compiler.js";
import { compileRemembered } from "./remembered.js";

const MICROS_PER_DAY = 86_400_000_000n;
/** Units of a fixed length in microseconds. */
const FIXED_UNITS: ReadonlyMap<string, bigint> = new Map([
  ["microsecond", 1n],
  ["millisecond", 1000n],
  ["second", 1_000_000n],
  ["minute", 60_000_000n],
  ["hour", 3_600_000_000n],
  ["day", MICROS_PER_DAY],
  ["week", 7n * MICROS_PER_DAY],
]);
/** Weeks begin on Monday; 1970-01-05 was one. */
const FIRST_MONDAY_MICROS = 4n * MICROS_PER_DAY;
const MONTHS_OF_UNITS: ReadonlyMap<string, number> = new Map([
  ["month", 1],
  ["quarter", 3],
  ["year", 12],
]);

/** `date_trunc(unit literal, time)`. */
function compileTruncation(compiler: Compilation, call: CallExpression): Column {
  const { batch } = compiler;
  const unit = literalText(argumentOf(call, 0), "date_trunc");
  const time = compiler.compile(argumentOf(call, 1));
  const fixedMicros = FIXED_UNITS.get(unit) ?? 0n;
  const originMicros = unit === "week" ? FIRST_MONDAY_MICROS : 0n;
  const months = MONTHS_OF_UNITS.get(unit) ?? 0;
  if (fixedMicros === 0n && months === 0) {
    const units = [...FIXED_UNITS.keys(), ...MONTHS_OF_UNITS.keys()].join(", ");
    throw new PlanError("unsupported-function", `date_trunc knows no unit "${unit}"; it knows ${units}`);
  }
  const out = batch.newColumn("timestamp");
  compiler.addStep((rows) =>
    batch.kernels.call.truncateTime(time.vector, fixedMicros, originMicros, months, out.vector, rows),
  );
  return out;
}

/** `time_bucket(width literal, time)`. */
function compileBucket(compiler: Compilation, call: CallExpression): Column {
  const { batch } = compiler;
  const width = argumentOf(call, 0);
  if (width.kind !== "literal" || width.value === null) throw unsupportedTypes(call);
  const widthMicros = BigInt(width.value);
  const time = compiler.compile(argumentOf(call, 1));
  const out = batch.newColumn("timestamp");
  compiler.addStep((rows) =>
    batch.kernels.call.truncateTime(time.vector, widthMicros, BUCKET_ORIGIN_MICROS, 0, out.vector, rows),
  );
  return out;
}

interface CountedPart {
  readonly unitMicros: bigint;
  readonly originMicros: bigint;
  readonly modulus: bigint;
}

/** Parts that are a count of units modulo a number. */
const COUNTED_PARTS: ReadonlyMap<string, CountedPart> = new Map([
  ["hour", { unitMicros: 3_600_000_000n, originMicros: 0n, modulus: 24n }],
  ["minute", { unitMicros: 60_000_000n, originMicros: 0n, modulus: 60n }],
  ["second", { unitMicros: 1_000_000n, originMicros: 0n, modulus: 60n }],
  ["millisecond", { unitMicros: 1000n, originMicros: 0n, modulus: 60_000n }],
  ["microsecond", { unitMicros: 1n, originMicros: 0n, modulus: 60_000_000n }],
  // 1970-01-04 was a Sunday.
  ["dow", { unitMicros: MICROS_PER_DAY, originMicros: 3n * MICROS_PER_DAY, modulus: 7n }],
]);

/** `date_part(part literal, time)`. The parts of days are looked up by day: a log has few of them. */
function compilePart(compiler: Compilation, call: CallExpression): Column {
  const { batch } = compiler;
  const part = literalText(argumentOf(call, 0), "date_part");
  const time = argumentOf(call, 1);
  const counted = COUNTED_PARTS.get(part);
  if (counted === undefined) {
    const unit = { kind: "literal", type: "string", value: "day" } as const;
    const day = { kind: "call", type: "timestamp", function: "date_trunc", arguments: [unit, time] } as const;
    return compileRemembered(compiler, { ...call, arguments: [argumentOf(call, 0), day] });
  }
  const { unitMicros, originMicros, modulus } = counted;
  const { vector } = compiler.compile(time);
  const out = batch.newColumn("i64");
  compiler.addStep((rows) =>
    batch.kernels.call.countTimeUnits(vector, unitMicros, originMicros, modulus, out.vector, rows),
  );
  return out;
}

const STATUS_CLASSES = ["1xx", "2xx", "3xx", "4xx", "5xx"];

function compileStatusClass(compiler: Compilation, call: CallExpression): Column {
  const { batch } = compiler;
  const status = compiler.compile(argumentOf(call, 0));
  const names = batch.storeSpans(STATUS_CLASSES.map((name) => new TextEncoder().encode(name)));
  const out = batch.newColumn("string");
  compiler.addStep((rows) => batch.kernels.call.classifyStatus(status.vector, names, out.vector, rows));
  return out;
}

export const TIME: Readonly<Record<string, CallCompiler>> = {
  date_trunc: compileTruncation,
  date_part: compilePart,
  time_bucket: compileBucket,
  status_class: compileStatusClass,
};
