import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileQuery, sourceOfQuery } from "../../../src/engine/sql/compile-query.js";
import { QueryError } from "../../../src/engine/sql/query-error.js";
import { FIELDS } from "./fields.js";

const NOW_MS = Date.UTC(2024, 0, 31, 12);
const compile = (sql: string) => compileQuery(sql, { nowMs: NOW_MS, fields: FIELDS });

function errorOf(sql: string): QueryError {
  try {
    compile(sql);
  } catch (error) {
    if (error instanceof QueryError) return error;
    throw error;
  }
  throw new Error(`no error for ${sql.slice(0, 100)}`);
}

describe("the compiler", () => {
  it("computes now() and intervals beforehand", () => {
    const { filter } = compile("SELECT count(*) WHERE time >= now() - INTERVAL '1 day'").map;
    expect(filter).toEqual({
      kind: "call",
      type: "bool",
      function: "ge",
      arguments: [
        { kind: "field", type: "timestamp", name: "time" },
        { kind: "literal", type: "timestamp", value: String((NOW_MS - 86_400_000) * 1000) },
      ],
    });
  });

  it("folds the request's time range into the filter", () => {
    const ranged = compileQuery("SELECT count(*)", { nowMs: 0, fields: FIELDS, sinceMs: 1000, untilMs: 2000 });
    const written = compile("SELECT count(*) WHERE time >= '1970-01-01 00:00:01' AND time < '1970-01-01 00:00:02'");
    expect(ranged.map).toEqual(written.map);
  });

  it("refuses a time range where no file has a time", () => {
    const fields = [{ name: "_raw", type: "string" }] as const;
    expect(() => compileQuery("SELECT count(*)", { nowMs: 0, fields, sinceMs: 0 })).toThrow(/needs the column "time"/);
  });

  it("casts an integer column next to a fraction, and not next to a whole number", () => {
    const fraction = compile("SELECT count(*) WHERE status > 10.5").map.filter;
    const whole = compile("SELECT count(*) WHERE status > 1e1").map.filter;
    expect(JSON.stringify(fraction)).toContain('"cast"');
    expect(whole).toEqual(compile("SELECT count(*) WHERE status > 10").map.filter);
  });

  it("takes quoted names with dots, and qualified names", () => {
    expect(compile('SELECT "http.status", count(*) GROUP BY 1').map.keys).toEqual([
      { kind: "field", type: "i64", name: "http.status" },
    ]);
    expect(compile("SELECT l.status FROM logs l GROUP BY logs.status").map.keys).toHaveLength(1);
  });

  it("says that a name with dots needs quotes", () => {
    expect(errorOf("SELECT count(*) WHERE http.status = 1").message).toMatch(/needs quotes: "http.status"/);
  });

  it.each([
    ["SELECT count(*) FROM 'web:*.log'", "web:*.log"],
    ["SELECT count(*) FROM 'it''s.log' AS l", "it's.log"],
    ["SELECT count(*) FROM logs", null],
    ["SELECT count(*)", null],
  ])("finds the source of %s", (sql, source) => {
    expect(sourceOfQuery(sql)).toBe(source);
    expect(compile(sql).from).toBe(source);
  });

  it("groups by the keys in written order when no order is asked for", () => {
    const { map, finish } = compile("SELECT count(*) GROUP BY url, bytes");
    const order = finish.orderBy.map(({ expression }) =>
      expression.kind === "key" ? map.keys[expression.index] : null,
    );
    expect(order).toEqual([
      { kind: "field", type: "string", name: "url" },
      { kind: "field", type: "i64", name: "bytes" },
    ]);
  });
});

describe("the compiler's limits", () => {
  it("refuses a query over 64 KiB before reading it", () => {
    expect(errorOf(`SELECT ${" ".repeat(65_536)}'`).code).toBe("too-long");
  });

  it.each([
    ["parentheses", `SELECT ${"(".repeat(30_000)}`],
    ["closed parentheses", `SELECT ${"(".repeat(300)}1${")".repeat(300)}`],
    ["calls", `SELECT ${"lower(".repeat(5000)}`],
    ["NOT", `SELECT count(*) WHERE ${"NOT ".repeat(10_000)}true`],
    ["minus signs", `SELECT ${"- ".repeat(20_000)}1`],
    ["CASE", `SELECT ${"CASE WHEN true THEN ".repeat(2000)}`],
    ["sums", `SELECT ${"1+".repeat(20_000)}1`],
    ["casts", `SELECT status${"::bigint".repeat(5000)}, count(*)`],
  ])("refuses deep nesting of %s", (_, sql) => expect(errorOf(sql).code).toBe("too-deep"));

  it("takes nesting up to 199 levels", () => {
    expect(compile(`SELECT ${"(".repeat(198)}count(*)${")".repeat(198)}`).map.aggregates).toHaveLength(1);
  });

  it("takes conditions in their thousands, in a shallow tree", () => {
    const conditions = Array.from({ length: 3000 }, (_, index) => `status=${index}`).join(" OR ");
    const depth = (value: unknown): number =>
      typeof value === "object" && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depth)) : 0;
    expect(depth(compile(`SELECT count(*) WHERE ${conditions}`).map.filter)).toBeLessThan(60);
  });

  it("refuses aliases that stand for aliases without bound", () => {
    const long = `lower(${"url".padEnd(3000)})`;
    const uses = Array.from({ length: 200 }, () => "a = 'x'").join(" OR ");
    expect(errorOf(`SELECT ${long} AS a WHERE ${uses} GROUP BY 1`).code).toBe("too-deep");
  });

  it("ends with a plan or a QueryError for any sequence of tokens", () => {
    const token = fc.constantFrom(
      ..."SELECT count ( ) * , status url FROM logs WHERE GROUP BY ORDER LIMIT 1 'a' AND OR NOT = < IN BETWEEN CASE WHEN THEN END :: bigint - + . ; NULL AS n HAVING FILTER DISTINCT INTERVAL IS LIKE".split(
        " ",
      ),
    );
    fc.assert(
      fc.property(fc.array(token, { maxLength: 25 }), fc.boolean(), (tokens, prefixed) => {
        try {
          compile(`${prefixed ? "SELECT count(*) WHERE " : ""}${tokens.join(" ")}`);
        } catch (error) {
          if (!(error instanceof QueryError)) throw error;
        }
      }),
      { numRuns: 2000 },
    );
  });

  it("ends with a plan or a QueryError for any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(() => compile(text)).toThrow(QueryError);
      }),
    );
  });
});

describe("arithmetic with time", () => {
  it.each([
    ["time - INTERVAL '1 hour' < now()", null],
    ["INTERVAL '1 hour' + time < now()", null],
    ["time - '2024-01-01' > INTERVAL '90 minutes'", null],
    ["now() - time < 2 * INTERVAL 1 DAY", null],
    ["time + 1 < now()", "type-mismatch"],
    ["time * 2 < now()", "type-mismatch"],
    ["INTERVAL '1 fortnight' < now() - time", "bad-literal"],
  ])("%s gives %s", (condition, code) => {
    const sql = `SELECT count(*) WHERE ${condition}`;
    if (code === null) expect(compile(sql).map.filter?.type).toBe("bool");
    else expect(errorOf(sql).code).toBe(code);
  });
});
