/** `+ - * / %` and the unary minus. Times and intervals are integers of microseconds. */

import { DOUBLE_OPERATION, INTEGER_OPERATION } from "../../kernels/layout.js";
import type { CallExpression } from "../../plan.js";
import type { Column } from "../batch.js";
import { PlanError } from "../plan-error.js";
import { argumentOf, type CallCompiler, type Compilation } from "./call-compiler.js";

const SYMBOLS = { add: "+", sub: "-", mul: "*", mod: "%" } as const;

const operation =
  (name: keyof typeof SYMBOLS): CallCompiler =>
  (compiler, call) => {
    const left = compiler.compile(argumentOf(call, 0));
    const right = compiler.compile(argumentOf(call, 1));
    return calculate(compiler, name, left, right, call);
  };

function calculate(
  compiler: Compilation,
  name: keyof typeof SYMBOLS,
  left: Column,
  right: Column,
  call: CallExpression,
): Column {
  const { batch } = compiler;
  const kernels = batch.kernels.call;
  const out = batch.newColumn(call.type);
  if (left.type === "f64") {
    const operator = DOUBLE_OPERATION[name];
    compiler.addStep((rows) => kernels.calculateDoubles(operator, left.vector, right.vector, out.vector, rows));
    return out;
  }
  const operator = INTEGER_OPERATION[name];
  compiler.addStep((rows) => {
    const overflows = kernels.calculateIntegers(operator, left.vector, right.vector, batch.live, out.vector, rows);
    if (overflows > 0) {
      throw new PlanError(
        "overflow",
        `A result of ${SYMBOLS[name]} does not fit into a 64-bit integer in ${overflows} rows; cast one side to DOUBLE`,
      );
    }
  });
  return out;
}

function compileDivision(compiler: Compilation, call: CallExpression): Column {
  const left = compiler.compile(argumentOf(call, 0));
  const right = compiler.compile(argumentOf(call, 1));
  const out = compiler.batch.newColumn("f64");
  compiler.addStep((rows) =>
    compiler.batch.kernels.call.calculateDoubles(DOUBLE_OPERATION.div, left.vector, right.vector, out.vector, rows),
  );
  return out;
}

/** Doubles are multiplied by -1, so that the negative of 0 is -0; integers are subtracted from 0. */
function compileNegation(compiler: Compilation, call: CallExpression): Column {
  const operand = compiler.compile(argumentOf(call, 0));
  if (operand.type === "f64") return calculate(compiler, "mul", compiler.batch.constant("f64", -1), operand, call);
  return calculate(compiler, "sub", compiler.batch.constant("i64", 0n), operand, call);
}

export const ARITHMETIC: Readonly<Record<string, CallCompiler>> = {
  add: operation("add"),
  sub: operation("sub"),
  mul: operation("mul"),
  mod: operation("mod"),
  div: compileDivision,
  neg: compileNegation,
};
