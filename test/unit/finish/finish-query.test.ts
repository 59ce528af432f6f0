/** The finish half against a naive twin: all values of all groups, sorted whole. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { finishQuery } from "../../../src/engine/finish/finish-query.js";
import { compareValues } from "../../../src/engine/functions/scalar/compare-values.js";
import type { GroupRows } from "../../../src/engine/partial/group-rows.js";
import { compileQuery } from "../../../src/engine/sql/compile-query.js";
import { NO_COUNTERS, type Value } from "../../../src/job/result.js";
import { FIELDS } from "../sql/fields.js";

interface Group {
  readonly keys: readonly Value[];
  readonly aggregates: readonly Value[];
}

const numberOf = (value: Value): number => (value === null ? Number.NaN : Number(value));

function rowsOf(groups: readonly Group[]): GroupRows {
  const key = (row: number, index: number): Value => groups[row]?.keys[index] ?? null;
  const aggregate = (row: number, index: number): Value => groups[row]?.aggregates[index] ?? null;
  return {
    count: groups.length,
    forEachRow: (visit) => {
      for (const row of groups.keys()) visit(row);
    },
    isKeyNull: (row, index) => key(row, index) === null,
    keyValue: key,
    compareTexts: (left, right, index) => compareNullsLast(key(left, index), key(right, index), false),
    keyNumber: (row, index) => numberOf(key(row, index)),
    aggregateValue: aggregate,
    // In two parts.
    rankByAggregate: (index) =>
      [[...groups.keys()].slice(0, 3), [...groups.keys()].slice(3)].map((part) => ({
        count: part.length,
        rowsAhead: (from, end, { sign, missing }, worst) => {
          const rankOf = (value: Value): number => (value === null ? missing : Number(value) * sign);
          return part.slice(from, end).filter((row) => !(rankOf(aggregate(row, index)) > worst));
        },
      })),
    aggregateNumber: (row, index) => numberOf(aggregate(row, index)),
  };
}

const finish = (sql: string, groups: readonly Group[]): readonly (readonly Value[])[] =>
  finishQuery(compileQuery(sql, { nowMs: 0, fields: FIELDS }), rowsOf(groups), NO_COUNTERS).rows;

function compareNullsLast(left: Value, right: Value, descending: boolean): number {
  if (left === null || right === null) return Number(left === null) - Number(right === null);
  return compareValues(left, right) * (descending ? -1 : 1);
}

/** Few distinct values, so that ties abound, and neighbours that doubles cannot tell apart. */
const sums = fc.option(fc.constantFrom(0n, 1n, 5n, -3n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 60n, 2n ** 60n + 1n));
const keys = fc.option(fc.constantFrom("", "a", "b", "é", "\uffff", "😀"));
const groups = fc.uniqueArray(fc.record({ key: keys, sum: sums, status: fc.nat(3) }), {
  selector: ({ key, status }) => `${status} ${key}`,
});

describe("finishing", () => {
  it("orders and cuts as sorting everything does", () => {
    const clause = fc.record({
      column: fc.constantFrom(0, 1, 2),
      descending: fc.boolean(),
      limit: fc.option(fc.nat(8)),
      offset: fc.nat(3),
    });
    fc.assert(
      fc.property(groups, clause, (entries, { column, descending, limit, offset }) => {
        // The compiler sorts keys (status before url) by their canonical text.
        const table = entries.map(({ key, sum, status }) => ({ keys: [BigInt(status), key], aggregates: [sum] }));
        const order = `ORDER BY ${column + 1}${descending ? " DESC" : ""} OFFSET ${offset}`;
        const sql = `SELECT url, status, sum(bytes) GROUP BY url, status ${order}${limit === null ? "" : ` LIMIT ${limit}`}`;
        const naive = entries
          .map(({ key, sum, status }): Value[] => [key, BigInt(status), sum])
          .sort(
            (left, right) =>
              compareNullsLast(left[column] ?? null, right[column] ?? null, descending) ||
              [0, 1, 2].reduce((so, at) => so || compareNullsLast(left[at] ?? null, right[at] ?? null, false), 0),
          )
          .slice(offset, limit === null ? undefined : offset + limit);
        expect(finish(sql, table)).toEqual(naive);
      }),
      { numRuns: 500 },
    );
  });

  it("filters groups exactly beyond 2^53", () => {
    const table = [2n ** 53n, 2n ** 53n + 1n, 2n ** 53n + 2n].map((sum) => ({ keys: [sum], aggregates: [sum] }));
    expect(finish("SELECT sum(bytes) GROUP BY status HAVING sum(bytes) > 9007199254740992", table)).toEqual([
      [2n ** 53n + 1n],
      [2n ** 53n + 2n],
    ]);
  });

  it("drops groups whose HAVING is NULL", () => {
    const table = [
      { keys: [1n], aggregates: [null] },
      { keys: [2n], aggregates: [7n] },
    ];
    expect(finish("SELECT status GROUP BY status HAVING NOT sum(bytes) > 100", table)).toEqual([[2n]]);
  });

  it("puts a double that is no number above all others, and NULL behind it", () => {
    // 0 / 0 is NaN, 1 / 0 infinite, NULL / 1 is NULL.
    const table = [
      { keys: ["nan"], aggregates: [0n, 0n] },
      { keys: ["inf"], aggregates: [0n, 1n] },
      { keys: ["null"], aggregates: [1n, null] },
      { keys: ["two"], aggregates: [1n, 2n] },
    ];
    const top = (limit: number) =>
      finish(`SELECT url GROUP BY url ORDER BY sum(bytes) / count(*) DESC LIMIT ${limit}`, table).flat();
    expect(top(4)).toEqual(["nan", "inf", "two", "null"]);
    expect(top(1)).toEqual(["nan"]);
    expect(top(3)).toEqual(["nan", "inf", "two"]);
  });

  it("gives one row without groups when nothing is grouped, none when something is", () => {
    expect(finish("SELECT count(*), sum(bytes), count(*) + 1, avg(bytes)", [])).toEqual([[0n, null, 1n, null]]);
    expect(finish("SELECT count(*) HAVING count(*) > 0", [])).toEqual([]);
    expect(finish("SELECT status, count(*) GROUP BY status", [])).toEqual([]);
  });

  it("keeps the counters", () => {
    const counters = { lines: 3, bytes: 30, unparsed: 1, malformedFields: 2 };
    const plan = compileQuery("SELECT count(*)", { nowMs: 0, fields: FIELDS });
    expect(finishQuery(plan, rowsOf([]), counters).counters).toEqual(counters);
  });
});
