/** Expressions that are numbers: arithmetic, rounding, parts of times, lengths of texts, conversions. */

import type { Production } from "./grammar.js";
import { choices } from "./grammar-choices.js";
import { both, termOf } from "./term.js";

/** Sums and products beyond this are not written: the engines agree that they are errors, and not on where. */
const MOST = 2 ** 62;

const integers = (operator: string, boundOf: (left: number, right: number) => number): Production => {
  return (grammar, depth) => {
    const left = grammar.expression("i64", depth);
    const right = grammar.expression("i64", depth);
    const bound = boundOf(left.bound, right.bound);
    if (!(bound < MOST)) return undefined;
    return termOf("i64", both`(${left} ${operator} ${right})`, [left, right], { bound });
  };
};

/** A chain without parentheses: the precedence of its operators is the parser's to know. */
const chain: Production = (grammar) => {
  const operands = Array.from({ length: grammar.random.integer(3, 4) }, () => grammar.leaf("i64"));
  if (operands.some(({ bound }) => bound > 2e6)) return undefined;
  const operators = operands.map(() => grammar.random.pick(["+", "-", "*", "%", "//"]));
  const write = (side: "ours" | "theirs"): string =>
    operands.map((operand, index) => `${index === 0 ? "" : ` ${operators[index]} `}${operand[side]}`).join("");
  const factors = operators.filter((operator) => operator === "*").length;
  if (factors > 2) return undefined;
  return termOf("i64", [`(${write("ours")})`, `(${write("theirs")})`], operands, { bound: MOST / 2 });
};

const doubles = (operator: string): Production => {
  return (grammar, depth) => {
    const left = grammar.expression("f64", depth);
    const right = grammar.expression("f64", depth);
    const isTame = left.isTame && right.isTame && operator !== "/";
    // Of 0 and -0 there is one in tables, and which would decide the sign of what is divided by it.
    const divisor = operator === "/" ? termOf("f64", both`(${right} + 0.0)`, [right]) : right;
    return termOf("f64", both`(${left} ${operator} ${divisor})`, [left, right], { isTame: isTame && depth < 2 });
  };
};

/** A function of a double that has a value for every one in its range. */
const onDouble = (name: string, isExact = true): Production => {
  return (grammar, depth) => {
    const operand = grammar.exact("f64", depth);
    return termOf("f64", both`${name}(${operand})`, [operand], { isExact: isExact && operand.isExact });
  };
};

/** DuckDB ends the query where a root or a logarithm has no value; here that is NULL. */
const guarded = (name: string, condition: string): Production => {
  return (grammar, depth) => {
    const operand = grammar.exact("f64", depth);
    if (!operand.isTame) return undefined;
    const theirs = `CASE WHEN ${operand.theirs} ${condition} THEN ${name}(${operand.theirs}) END`;
    return termOf("f64", [`${name}(${operand.ours})`, theirs], [operand], { isExact: name === "sqrt" });
  };
};

const PARTS = [
  "year",
  "quarter",
  "month",
  "week",
  "isoyear",
  "day",
  "dow",
  "isodow",
  "doy",
  "hour",
  "minute",
  "second",
  "millisecond",
  "microsecond",
];

const timePart: Production = (grammar, depth) => {
  const part = grammar.random.pick(PARTS);
  const time = grammar.expression("timestamp", depth);
  const isCalled = ["year", "month", "day", "hour", "minute", "second", "week", "quarter"].includes(part);
  const written =
    isCalled && grammar.random.chance(0.4)
      ? both`${part}(${time})`
      : grammar.random.chance(0.5)
        ? both`extract(${part} FROM ${time})`
        : both`date_part('${part}', ${time})`;
  return termOf("i64", written, [time], { bound: 1e8 });
};

const INTEGERS: readonly Production[] = [
  integers("+", (left, right) => left + right),
  integers("-", (left, right) => left + right),
  integers("*", (left, right) => left * right),
  integers("%", (left, right) => Math.max(left, right)),
  integers("//", (left) => left),
  chain,
  timePart,
  (grammar, depth) => {
    const operand = grammar.expression("i64", depth);
    return operand.bound < MOST ? termOf("i64", both`(-${operand})`, [operand], { bound: operand.bound }) : undefined;
  },
  (grammar, depth) => {
    const operand = grammar.expression("i64", depth);
    return operand.bound < MOST ? termOf("i64", both`abs(${operand})`, [operand], { bound: operand.bound }) : undefined;
  },
  (grammar, depth) => {
    const text = grammar.expression("string", depth);
    const name = grammar.random.pick(["length", "strlen"]);
    return termOf("i64", both`${name}(${text})`, [text], { bound: 1e6 });
  },
  (grammar, depth) => {
    const [text, part] = [grammar.expression("string", depth), grammar.expression("string", 0)];
    return termOf("i64", both`strpos(${text}, ${part})`, [text, part], { bound: 1e6 });
  },
  (grammar, depth) => {
    const time = grammar.expression("timestamp", depth);
    return termOf("i64", both`epoch_ms(${time})`, [time], { bound: 1e16 });
  },
  (grammar, depth) => {
    const truth = grammar.expression("bool", depth);
    return termOf("i64", both`CAST(${truth} AS bigint)`, [truth], { bound: 1 });
  },
  (grammar, depth) => {
    const text = grammar.varying("string", depth);
    if (text === undefined) return undefined;
    return termOf("i64", [`CAST(${text.ours} AS bigint)`, `TRY_CAST(${text.theirs} AS BIGINT)`], [text]);
  },
  (grammar, depth) => {
    const value = grammar.varying("f64", depth);
    if (value === undefined) return undefined;
    return termOf("i64", [`${value.ours}::bigint`, `TRY_CAST(${value.theirs} AS BIGINT)`], [value]);
  },
  ...choices("i64"),
];

const roundTo: Production = (grammar, depth) => {
  const operand = grammar.exact("f64", depth);
  if (!operand.isTame) return undefined;
  const digits = grammar.random.pick(["", ", 0", ", 1", ", 2", ", -1", ", -2"]);
  return termOf("f64", both`round(${operand}${digits})`, [operand]);
};

const DOUBLES: readonly Production[] = [
  doubles("+"),
  doubles("-"),
  doubles("*"),
  doubles("/"),
  (grammar, depth) => {
    const [left, right] = [grammar.expression("i64", depth), grammar.expression("i64", depth)];
    return termOf("f64", both`(${left} / ${right})`, [left, right], { isTame: false });
  },
  (grammar, depth) => {
    const [left, right] = [grammar.expression("i64", depth), grammar.expression("f64", depth)];
    const operator = grammar.random.pick(["+", "-", "*"]);
    return termOf("f64", both`(${left} ${operator} ${right})`, [left, right], { isTame: false });
  },
  (grammar, depth) => {
    const operand = grammar.expression("f64", depth);
    return termOf("f64", both`(-${operand})`, [operand]);
  },
  onDouble("abs"),
  onDouble("floor"),
  onDouble("ceil"),
  onDouble("trunc"),
  guarded("sqrt", ">= 0"),
  guarded("ln", "> 0"),
  guarded("log10", "> 0"),
  guarded("log2", "> 0"),
  roundTo,
  (grammar) => {
    const base = grammar.leaf("f64");
    if (!base.isTame) return undefined;
    return termOf("f64", both`power(${base}, ${grammar.random.pick(["2", "0.5", "-1", "0"])})`, [base], {
      isExact: false,
      isTame: false,
    });
  },
  (grammar, depth) => {
    const operand = grammar.expression("i64", depth);
    return termOf("f64", both`CAST(${operand} AS double)`, [operand]);
  },
  (grammar, depth) => {
    const text = grammar.varying("string", depth);
    if (text === undefined) return undefined;
    return termOf("f64", [`${text.ours}::double`, `TRY_CAST(${text.theirs} AS DOUBLE)`], [text], { isTame: false });
  },
  (grammar, depth) => {
    const time = grammar.expression("timestamp", depth);
    return termOf("f64", both`epoch(${time})`, [time]);
  },
  ...choices("f64"),
];

export const NUMBER_PRODUCTIONS = { i64: INTEGERS, f64: DOUBLES } as const;
