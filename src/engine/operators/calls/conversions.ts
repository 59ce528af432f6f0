/** CAST. A value that does not convert is NULL and counts as a malformed field. */

import type { CallExpression } from "../../plan.js";
import type { Column } from "../batch.js";
import { argumentOf, type CallCompiler, type Compilation, unsupportedTypes } from "./call-compiler.js";

const isInteger = (type: string): boolean => type === "i64" || type === "timestamp" || type === "interval";

function compileCast(compiler: Compilation, call: CallExpression): Column {
  const { batch } = compiler;
  const kernels = batch.kernels.call;
  const from = compiler.compile(argumentOf(call, 0));
  if (from.type === call.type) return from;
  if (isInteger(from.type) && isInteger(call.type)) return { type: call.type, vector: from.vector };
  const out = batch.newColumn(call.type);
  if (call.type === "f64" && from.type === "i64") {
    compiler.addStep((rows) => kernels.integersToDoubles(from.vector, out.vector, rows));
  } else if (call.type === "f64" && from.type === "bool") {
    const integers = batch.newColumn("i64");
    compiler.addStep((rows) => kernels.boolsToIntegers(from.vector, integers.vector, rows));
    compiler.addStep((rows) => kernels.integersToDoubles(integers.vector, out.vector, rows));
  } else if (call.type === "i64" && from.type === "bool") {
    compiler.addStep((rows) => kernels.boolsToIntegers(from.vector, out.vector, rows));
  } else if (call.type === "i64" && from.type === "f64") {
    compiler.addStep((rows, failures) => {
      failures.malformedFields += kernels.doublesToIntegers(from.vector, batch.live, out.vector, rows);
    });
  } else if (call.type === "i64" && from.type === "string") {
    compiler.addStep((rows, failures) => {
      failures.malformedFields += kernels.stringsToIntegers(from.vector, batch.live, out.vector, rows);
    });
  } else {
    throw unsupportedTypes(call);
  }
  return out;
}

export const CONVERSIONS: Readonly<Record<string, CallCompiler>> = { cast: compileCast };
