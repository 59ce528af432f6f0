/** `= <> < <= > >=`, IN and IS NULL. */

import { assert } from "../../../base/assert.js";
import type { CompareKernel } from "../../kernels/kernel-types.js";
import { COMPARISON } from "../../kernels/layout.js";
import type { CallExpression, Expression, ValueType } from "../../plan.js";
import type { Column } from "../batch.js";
import { literalValue } from "../literals.js";
import { argumentOf, type CallCompiler, type Compilation } from "./call-compiler.js";

function comparisonKernel(compiler: Compilation, type: ValueType): CompareKernel {
  const { call } = compiler.batch.kernels;
  switch (type) {
    case "string":
      return call.compareStrings;
    case "f64":
      return call.compareDoubles;
    case "bool":
      return call.compareBools;
    default:
      return call.compareIntegers;
  }
}

const comparison =
  (operator: number): CallCompiler =>
  (compiler, call) => {
    const left = compiler.compile(argumentOf(call, 0));
    const right = compiler.compile(argumentOf(call, 1));
    const compare = comparisonKernel(compiler, left.type);
    const out = compiler.batch.newColumn("bool");
    compiler.addStep((rows) => compare(operator, left.vector, right.vector, out.vector, rows));
    return out;
  };

/** `in(x, a, b, …)`: a search in a list where the kernels have one, else `x = a OR x = b …`. */
function compileIn(compiler: Compilation, call: CallExpression): Column {
  const { batch } = compiler;
  const kernels = batch.kernels.call;
  const [subject, ...candidates] = call.arguments;
  assert(subject !== undefined && candidates.length > 0, "IN has a subject and a list");
  const literals = candidates.filter((candidate) => candidate.kind === "literal");
  if (subject.type === "f64" || subject.type === "bool" || literals.length < candidates.length) {
    return compiler.compile(equalToAny(subject, candidates));
  }
  const column = compiler.compile(subject);
  const values = literals.map(literalValue);
  const hasNull = values.includes(null) ? 1 : 0;
  const out = batch.newColumn("bool");
  if (column.type === "string") {
    const texts = values.filter((value) => value instanceof Uint8Array);
    const list = batch.storeSpans(texts);
    compiler.addStep((rows) => kernels.stringsIn(column.vector, list, texts.length, hasNull, out.vector, rows));
  } else {
    const integers = values.filter((value) => typeof value === "bigint");
    const list = batch.storeIntegers(integers);
    compiler.addStep((rows) => kernels.integersIn(column.vector, list, integers.length, hasNull, out.vector, rows));
  }
  return out;
}

function equalToAny(subject: Expression, candidates: readonly Expression[]): Expression {
  const comparisons = candidates.map(
    (candidate): CallExpression => ({ kind: "call", type: "bool", function: "eq", arguments: [subject, candidate] }),
  );
  return { kind: "call", type: "bool", function: "or", arguments: comparisons };
}

function compileIsNull(compiler: Compilation, call: CallExpression): Column {
  const subject = compiler.compile(argumentOf(call, 0));
  const out = compiler.batch.newColumn("bool");
  compiler.addStep((rows) => compiler.batch.kernels.call.testNull(subject.vector, out.vector, rows));
  return out;
}

export const COMPARISONS: Readonly<Record<string, CallCompiler>> = {
  eq: comparison(COMPARISON.eq),
  ne: comparison(COMPARISON.ne),
  lt: comparison(COMPARISON.lt),
  le: comparison(COMPARISON.le),
  gt: comparison(COMPARISON.gt),
  ge: comparison(COMPARISON.ge),
  in: compileIn,
  is_null: compileIsNull,
};
