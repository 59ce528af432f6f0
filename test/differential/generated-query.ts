/** Random queries in both dialects, in the order that logmr promises, which DuckDB is told in full. */

import type { RandomStream } from "../sim/random-stream.js";
import type { GeneratedLog } from "./generated-log.js";
import { Grammar } from "./grammar.js";
import { randomAggregate } from "./grammar-aggregates.js";
import { both, type Term, termOf } from "./term.js";

export interface GeneratedQuery {
  readonly ours: string;
  readonly theirs: string;
  /** Of each column, how far from DuckDB's value it may be, relatively. */
  readonly tolerances: readonly number[];
}

interface Item {
  readonly term: Term;
  readonly tolerance: number;
  readonly alias: string | null;
}

interface SortItem {
  readonly ours: string;
  readonly theirs: string;
}

/** Whether a field is in it: in DuckDB's dialect they alone stand in double quotes. */
const isOfFields = (term: Term): boolean => term.theirs.includes('"');

const quoteName = (name: string): string => (/^[a-z_]+$/.test(name) ? name : `"${name}"`);

export const atomsOf = (log: GeneratedLog): readonly Term[] =>
  log.fields.map(({ name, type, isTame }) =>
    termOf(type, [quoteName(name), `"${name}"`], [], { isTame, bound: isTame ? 2e6 : Number.POSITIVE_INFINITY }),
  );

export function generateQuery(log: GeneratedLog, random: RandomStream): GeneratedQuery {
  const grammar = new Grammar(random, atomsOf(log));
  const hasEdges = log.fields.some(({ name }) => name === "big");
  if (hasEdges && random.chance(0.04)) return overflowQuery(random);
  return random.chance(0.6) ? groupQuery(grammar) : rowQuery(grammar);
}

const RISKS = [
  "big + n",
  "big - 1",
  "n * big",
  "-big",
  "abs(big)",
  "big * big",
  "(n - 200000) * 100000000000000",
  "big // n",
];
const CONDITIONS = [
  "",
  " WHERE big BETWEEN -1000 AND 1000",
  " WHERE big > 5 AND n < 0",
  " WHERE big <> -9223372036854775808",
];

/** Integers at the edge of 64 bits: both engines overflow, or neither does, and rows that are filtered out never do. */
function overflowQuery(random: RandomStream): GeneratedQuery {
  const [risk, condition] = [random.pick(RISKS), random.pick(CONDITIONS)];
  const isGrouped = random.chance(0.5);
  const ours = isGrouped
    ? `SELECT level, max(${risk}) AS most FROM logs${condition} GROUP BY level`
    : `SELECT ${risk} AS risky FROM logs${condition}`;
  return { ours, theirs: `${ours} ORDER BY ${isGrouped ? "level NULLS LAST" : "rownum"}`, tolerances: [0, 0] };
}

function whereOf(grammar: Grammar): SortItem {
  if (grammar.random.chance(0.5)) return { ours: "", theirs: "" };
  // Sometimes nothing is left: empty groups, an empty answer.
  const isEmpty = grammar.random.chance(0.05);
  // One condition alone is rarely true.
  const [first, other] = [grammar.exact("bool", 3), grammar.exact("bool", 2)];
  const condition = grammar.random.chance(0.5) ? termOf("bool", both`(${first} OR ${other} IS NOT TRUE)`, []) : first;
  const more = isEmpty ? " AND 1 = 2" : "";
  return { ours: ` WHERE ${condition.ours}${more}`, theirs: ` WHERE ${condition.theirs}${more}` };
}

const listed = (items: readonly Item[], side: "ours" | "theirs"): string =>
  items.map(({ term, alias }) => `${term[side]}${alias === null ? "" : ` AS ${alias}`}`).join(", ");

const direction = (random: RandomStream): SortItem => {
  const way = random.pick(["", " ASC", " DESC"]);
  const nulls = random.pick(["", "", " NULLS FIRST", " NULLS LAST"]);
  return { ours: way + nulls, theirs: way + (nulls || " NULLS LAST") };
};

/** ORDER BY some of the columns, by place, alias or expression. */
function orderOf(grammar: Grammar, items: readonly Item[]): readonly SortItem[] {
  const { random } = grammar;
  if (random.chance(0.4)) return [];
  const candidates = items.flatMap((item, index) =>
    item.term.isExact && item.tolerance === 0 ? [{ item, index }] : [],
  );
  if (candidates.length === 0) return [];
  return Array.from({ length: random.integer(1, 2) }, () => {
    const { item, index } = random.pick(candidates);
    const way = direction(random);
    const place = String(index + 1);
    const form = random.pick(["place", "alias", "expression"]);
    const ours =
      form === "place"
        ? place
        : form === "alias" && item.alias !== null
          ? item.alias
          : isOfFields(item.term)
            ? `(${item.term.ours})`
            : place;
    return { ours: ours + way.ours, theirs: place + way.theirs };
  });
}

const ascending = (texts: readonly string[]): readonly string[] => texts.map((text) => `${text} NULLS LAST`);

function cutOf(random: RandomStream): string {
  if (random.chance(0.5)) return "";
  return ` LIMIT ${random.pick([0, 1, 2, 3, 5, 8, 12, 40])}${random.chance(0.3) ? ` OFFSET ${random.integer(0, 5)}` : ""}`;
}

const clause = (name: string, parts: readonly string[]): string =>
  parts.length === 0 ? "" : ` ${name} ${parts.join(", ")}`;

function rowQuery(grammar: Grammar): GeneratedQuery {
  const { random } = grammar;
  const items: Item[] = Array.from({ length: random.integer(1, 4) }, (_, index) => ({
    term: index === 0 ? grammar.anyAtom() : grammar.exact(grammar.anyType(), 3),
    tolerance: 0,
    alias: random.chance(0.5) ? `x${index}` : null,
  }));
  const isDistinct = random.chance(0.25);
  const where = whereOf(grammar);
  const order = orderOf(grammar, items);
  const cut = cutOf(random);
  const places = items.map((_, index) => String(index + 1));
  const written = order.map(({ theirs }) => theirs);
  const rest = isDistinct || order.length > 0 ? ascending(places) : [];
  const total = [...written, ...rest, ...(isDistinct ? [] : ["rownum"])];
  const select = isDistinct ? "SELECT DISTINCT " : "SELECT ";
  const ours = `${select}${listed(items, "ours")} FROM logs${where.ours}${clause(
    "ORDER BY",
    order.map((key) => key.ours),
  )}${cut}`;
  const theirs = `${select}${listed(items, "theirs")} FROM logs${where.theirs}${clause("ORDER BY", total)}${cut}`;
  return { ours, theirs, tolerances: items.map(({ tolerance }) => tolerance) };
}

/** Keys with the first a field or a part of one: a query that groups by constants alone is refused. */
function keysOf(grammar: Grammar): readonly Term[] {
  const { random } = grammar;
  const count = random.pick([0, 1, 1, 1, 2, 2, 3]);
  const keys = Array.from({ length: count }, (_, index) =>
    index === 0 ? grammar.anyAtom() : grammar.exact(grammar.anyType(), 2),
  );
  const [first, ...others] = keys.filter(isOfFields);
  if (first === undefined) return [];
  const isBucket = first.type === "timestamp" && random.chance(0.8);
  const bucket = termOf(
    "timestamp",
    [`date_trunc('day', ${first.ours})`, `date_trunc('day', ${first.theirs})`],
    [first],
  );
  return [isBucket ? bucket : first, ...others];
}

/** Each key by its place, its alias or as it was written; or all of them at once. */
function groupingOf(random: RandomStream, keys: readonly Item[], areAllShown: boolean): string {
  if (keys.length === 0) return "";
  if (areAllShown && random.chance(0.15)) return " GROUP BY ALL";
  const parts = keys.map(({ term, alias }, index) => {
    const form = random.pick(areAllShown ? ["place", "alias", "expression"] : ["expression"]);
    if (form === "place") return String(index + 1);
    return form === "alias" && alias !== null ? alias : term.ours;
  });
  return clause("GROUP BY", parts);
}

function groupQuery(grammar: Grammar): GeneratedQuery {
  const { random } = grammar;
  const keys: Item[] = keysOf(grammar).map((term, index) => ({
    term,
    tolerance: 0,
    alias: random.chance(0.5) ? `k${index}` : null,
  }));
  const areAllShown = keys.length === 0 || random.chance(0.85);
  const aggregates: Item[] = Array.from({ length: random.integer(1, 4) }, (_, index) => ({
    ...randomAggregate(grammar),
    alias: random.chance(0.6) ? `a${index}` : null,
  }));
  // Columns decide ties, so those of rounded values are shown only where the keys have decided before.
  const sound = areAllShown ? aggregates : aggregates.filter(({ tolerance, term }) => tolerance === 0 && term.isExact);
  // DuckDB knows no lambda in HAVING.
  const atomic = aggregates.filter(({ tolerance, term }) => tolerance === 0 && !term.theirs.includes("lambda"));
  const finish = new Grammar(random, [...keys.map(({ term }) => term), ...atomic.map(({ term }) => term)]);
  const derived: Item[] = random.chance(0.4)
    ? [{ term: finish.exact(finish.anyType(), 2), tolerance: 0, alias: null }]
    : [];
  const shown = [...(areAllShown ? keys : []), ...sound, ...derived];
  const items = shown.length > 0 ? shown : keys.slice(0, 1);
  const having = random.chance(0.2) ? finish.exact("bool", 2) : undefined;
  const where = whereOf(grammar);
  const order = orderOf(grammar, items);
  const cut = cutOf(random);
  const ourKeys = groupingOf(random, keys, areAllShown);
  const theirKeys = keys.map(({ term }) => `(${term.theirs})`);
  const total = [
    ...(order.length > 0 ? order.map(({ theirs }) => theirs) : ascending(theirKeys)),
    ...ascending(items.map((_, index) => String(index + 1))),
  ];
  const filter = (side: "ours" | "theirs"): string => (having === undefined ? "" : ` HAVING ${having[side]}`);
  const ours = `SELECT ${listed(items, "ours")} FROM logs${where.ours}${ourKeys}${filter("ours")}${clause(
    "ORDER BY",
    order.map((key) => key.ours),
  )}${cut}`;
  const theirs = `SELECT ${listed(items, "theirs")} FROM logs${where.theirs}${clause("GROUP BY", theirKeys)}${filter("theirs")}${clause("ORDER BY", total)}${cut}`;
  return { ours, theirs, tolerances: items.map(({ tolerance }) => tolerance) };
}
