/** Functions of times and of status codes. */

import type { CallExpression } from "../../plan.js";
import type { Column } from "../batch.js";
import { literalText } from "../literals.js";
import { PlanError } from "../plan-error.js";
import { argumentOf, type CallCompiler, type Compilation } from "./call-compiler.js";

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
  status_class: compileStatusClass,
};
