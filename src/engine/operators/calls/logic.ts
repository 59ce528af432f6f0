/** AND, OR, NOT, coalesce and CASE. */

import type { KernelExports } from "../../kernels/kernel-exports.js";
import type { PairKernel } from "../../kernels/kernel-types.js";
import type { CallExpression } from "../../plan.js";
import type { Column } from "../batch.js";
import { argumentOf, type CallCompiler, type Compilation } from "./call-compiler.js";

/** Applies a kernel of two columns from left to right over all arguments. */
const folded =
  (kernelOf: (call: KernelExports, first: Column) => PairKernel): CallCompiler =>
  (compiler, call) => {
    const [first, ...others] = call.arguments;
    if (first === undefined) throw new Error(`Broken invariant: ${call.function} has arguments`);
    let result = compiler.compile(first);
    const kernel = kernelOf(compiler.batch.kernels.call, result);
    for (const other of others) {
      const left = result;
      const right = compiler.compile(other);
      const out = compiler.batch.newColumn(call.type);
      compiler.addStep((rows) => kernel(left.vector, right.vector, out.vector, rows));
      result = out;
    }
    return result;
  };

function compileNot(compiler: Compilation, call: CallExpression): Column {
  const operand = compiler.compile(argumentOf(call, 0));
  const out = compiler.batch.newColumn("bool");
  compiler.addStep((rows) => compiler.batch.kernels.call.notBools(operand.vector, out.vector, rows));
  return out;
}

/** `case(condition, value, …, otherwise)`, from the last branch to the first. Every branch is computed for every row. */
function compileCase(compiler: Compilation, call: CallExpression): Column {
  const kernels = compiler.batch.kernels.call;
  const choose = call.type === "bool" ? kernels.chooseBools : kernels.chooseWide;
  let result = compiler.compile(argumentOf(call, call.arguments.length - 1));
  for (let at = call.arguments.length - 3; at >= 0; at -= 2) {
    const condition = compiler.compile(argumentOf(call, at));
    const value = compiler.compile(argumentOf(call, at + 1));
    const otherwise = result;
    const out = compiler.batch.newColumn(call.type);
    compiler.addStep((rows) => choose(condition.vector, value.vector, otherwise.vector, out.vector, rows));
    result = out;
  }
  return result;
}

export const LOGIC: Readonly<Record<string, CallCompiler>> = {
  and: folded((call) => call.andBools),
  or: folded((call) => call.orBools),
  not: compileNot,
  case: compileCase,
  coalesce: folded((call, first) => (first.type === "bool" ? call.coalesceBools : call.coalesceWide)),
};
