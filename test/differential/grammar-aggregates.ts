/** Aggregates with FILTER, and what DuckDB must be asked for the same number. */

import type { Grammar } from "./grammar.js";
import { type Term, type TermType, termOf } from "./term.js";

/** An aggregate, and how far from DuckDB's its value may be, relatively. */
export interface AggregateTerm {
  readonly term: Term;
  readonly tolerance: number;
}

const ROUNDING = 1e-9;
const QUANTILE_ERROR = 0.01;
const DISTINCT_ERROR = 0.02;

type Maker = (grammar: Grammar, filter: readonly [string, string]) => AggregateTerm | undefined;

const exactly = (term: Term): AggregateTerm => ({ term, tolerance: 0 });

/** An aggregate that both call the same. */
const plain = (name: string, types: readonly TermType[], result?: TermType): Maker => {
  return (grammar, [ours, theirs]) => {
    const type = grammar.random.pick(types);
    const argument = grammar.exact(type, grammar.random.integer(0, 2));
    const call = (text: string): string => (name.endsWith("DISTINCT") ? `${name} ${text})` : `${name}(${text})`);
    const parts = [call(argument.ours) + ours, call(argument.theirs) + theirs] as const;
    return exactly(termOf(result ?? type, parts, [argument], { isTame: argument.isTame }));
  };
};

const counted: Maker = (_grammar, [ours, theirs]) =>
  exactly(termOf("i64", [`count(*)${ours}`, `count(*)${theirs}`], [], { bound: 1e6 }));

const sum: Maker = (grammar, [ours, theirs]) => {
  const argument = grammar.exact("i64", grammar.random.integer(0, 2));
  // The sum has 128 bits in both, but arithmetic with it has 64 here.
  return exactly(termOf("i64", [`sum(${argument.ours})${ours}`, `sum(${argument.theirs})${theirs}`], [argument]));
};

/** `theirs` is DuckDB's name of the aggregate that loses least. */
const ofDoubles = (name: string, theirName: string, types: readonly TermType[]): Maker => {
  return (grammar, [ours, theirs]) => {
    const argument = grammar.exact(grammar.random.pick(types), grammar.random.integer(0, 1));
    if (!argument.isTame || (argument.type === "i64" && argument.bound > 1e9)) return undefined;
    const parts = [`${name}(${argument.ours})${ours}`, `${theirName}(${argument.theirs})${theirs}`] as const;
    return { term: termOf("f64", parts, [argument], { isExact: false, isTame: false }), tolerance: ROUNDING };
  };
};

const meanOfIntegers: Maker = (grammar, [ours, theirs]) => {
  const argument = grammar.exact("i64", 1);
  if (argument.bound > 1e12) return undefined;
  return exactly(termOf("f64", [`avg(${argument.ours})${ours}`, `avg(${argument.theirs})${theirs}`], [argument]));
};

/** By time, and at one time by the place in the file. NULL times come first. */
const PLACE = "time NULLS FIRST, rownum";

const atPlace = (name: string): Maker => {
  return (grammar, [ours, theirs]) => {
    const type = grammar.anyType();
    const argument = grammar.exact(type, grammar.random.integer(0, 1));
    const skipsNull = name === "any_value";
    const condition = theirs === "" ? "true" : theirs.slice(" FILTER (WHERE ".length, -1);
    const filter = skipsNull ? ` FILTER (WHERE (${condition}) AND (${argument.theirs}) IS NOT NULL)` : theirs;
    const call = `${name === "last" ? "last" : "first"}(${argument.theirs} ORDER BY ${PLACE})${filter}`;
    return exactly(termOf(type, [`${name}(${argument.ours})${ours}`, call], [argument]));
  };
};

/** Of several most frequent values the lowest; DuckDB takes the first, so it is asked for the frequencies. */
const mode: Maker = (grammar, [ours, theirs]) => {
  const type = grammar.random.pick<TermType>(["i64", "string", "bool", "timestamp"]);
  const argument = grammar.exact(type, 1);
  const entries = `map_entries(histogram(${argument.theirs})${theirs})`;
  const ordered = `list_sort(list_transform(${entries}, lambda e: {'n': -(e.value::BIGINT), 'k': e.key}))`;
  return exactly(termOf(type, [`mode(${argument.ours})${ours}`, `(${ordered})[1].k`], [argument]));
};

const histogram: Maker = (grammar, [ours, theirs]) => {
  const type = grammar.random.pick<TermType>(["i64", "string", "bool"]);
  const argument = grammar.exact(type, 1);
  const entries = `list_sort(map_entries(histogram(${argument.theirs})${theirs}))`;
  const pairs = `list_transform(${entries}, lambda e: to_json(e.key::VARCHAR)::VARCHAR || ':' || e.value)`;
  const text = `'{' || array_to_string(${pairs}, ',') || '}'`;
  return exactly(termOf("string", [`histogram(${argument.ours})${ours}`, `(${text})`], [argument]));
};

const SHARES = ["0.5", "0.9", "0.99", "0", "1", "0.25"];

const quantile: Maker = (grammar, [ours, theirs]) => {
  const type = grammar.random.pick<TermType>(["i64", "f64", "timestamp"]);
  const argument = grammar.exact(type, 1);
  const share = grammar.random.pick(SHARES);
  const parts = [
    `quantile(${argument.ours}, ${share})${ours}`,
    `quantile_disc(${argument.theirs}, ${share})${theirs}`,
  ] as const;
  return exactly(termOf(type, parts, [argument]));
};

const approximateQuantile: Maker = (grammar, [ours, theirs]) => {
  const type = grammar.random.pick<TermType>(["i64", "f64"]);
  const argument = grammar.exact(type, 1);
  const [call, share] = grammar.random.pick([
    ["p50(?)", "0.5"],
    ["p90(?)", "0.9"],
    ["p95(?)", "0.95"],
    ["p99(?)", "0.99"],
    ["p999(?)", "0.999"],
    ["approx_quantile(?, 0.25)", "0.25"],
  ] as const);
  const parts = [
    call.replace("?", () => argument.ours) + ours,
    `quantile_disc(${argument.theirs}, ${share})${theirs}`,
  ] as const;
  return { term: termOf(type, parts, [argument], { isExact: false, isTame: false }), tolerance: QUANTILE_ERROR };
};

const approximateDistinct: Maker = (grammar, [ours, theirs]) => {
  const argument = grammar.exact(grammar.anyType(), 1);
  const parts = [
    `approx_count_distinct(${argument.ours})${ours}`,
    `count(DISTINCT ${argument.theirs})${theirs}`,
  ] as const;
  return { term: termOf("i64", parts, [argument], { isExact: false }), tolerance: DISTINCT_ERROR };
};

const EVERY: readonly TermType[] = ["i64", "f64", "bool", "string", "timestamp"];

const MAKERS: readonly Maker[] = [
  counted,
  counted,
  plain("count", EVERY, "i64"),
  plain("count(DISTINCT", EVERY, "i64"),
  plain("min", EVERY),
  plain("max", EVERY),
  sum,
  meanOfIntegers,
  ofDoubles("sum", "fsum", ["f64"]),
  ofDoubles("avg", "favg", ["f64"]),
  ofDoubles("stddev", "stddev_samp", ["i64", "f64"]),
  ofDoubles("median", "median", ["i64", "f64"]),
  atPlace("first"),
  atPlace("last"),
  atPlace("any_value"),
  mode,
  histogram,
  quantile,
  approximateQuantile,
  approximateDistinct,
];

export function randomAggregate(grammar: Grammar): AggregateTerm {
  const condition = grammar.random.chance(0.25) ? grammar.exact("bool", 2) : undefined;
  const filter =
    condition === undefined
      ? (["", ""] as const)
      : ([` FILTER (WHERE ${condition.ours})`, ` FILTER (WHERE ${condition.theirs})`] as const);
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const aggregate = grammar.random.pick(MAKERS)(grammar, filter);
    if (aggregate !== undefined) return aggregate;
  }
  return exactly(termOf("i64", ["count(*)", "count(*)"], [], { bound: 1e6 }));
}
