import { describe, expect, test } from "vitest";
import { Kernels } from "../../../../src/engine/kernels/kernels.js";
import type { MapPlan } from "../../../../src/engine/plan.js";
import { VertexAccumulator } from "../../../../src/engine/vertex-accumulator.js";
import {
  aggregate,
  BYTES,
  bytesOf,
  call,
  field,
  literal,
  memoryReader,
  plan,
  run,
  STATUS,
  scanned,
  TIME,
  wholeRange,
} from "../plans.js";

const line = (status: string, bytes: string): string =>
  `h - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.1" ${status} ${bytes} "-" "-"\n`;
const MAX = "9223372036854775807";

describe("aggregates are exact", () => {
  test("sums go beyond 64 bits", () => {
    const log = line("200", MAX).repeat(1000);
    expect(run(log, plan({ aggregates: [aggregate("sum", BYTES)] }))).toEqual([[BigInt(MAX) * 1000n]]);
  });

  test("sums of negative numbers", () => {
    const negative = call("i64", "neg", BYTES);
    const log = line("200", MAX).repeat(3) + line("200", "1");
    const map = plan({ aggregates: [aggregate("sum", negative)] });
    expect(run(log, map)).toEqual([[-(BigInt(MAX) * 3n) - 1n]]);
    const rows = scanned(line("200", "5"), map).rows();
    rows.forEachRow((row) => expect(rows.aggregateNumber(row, 0)).toBe(-5));
  });

  test("of no values are NULL, but for count", () => {
    const aggregates = ["count", "sum", "min", "max"].map((name) => aggregate(name, BYTES));
    expect(run(line("200", "-"), plan({ aggregates }))).toEqual([[0n, null, null, null]]);
    const rows = scanned(line("200", "-"), plan({ aggregates })).rows();
    rows.forEachRow((row) => {
      expect([0, 1, 2, 3].map((index) => rows.aggregateNumber(row, index))).toEqual([
        0,
        Number.NaN,
        Number.NaN,
        Number.NaN,
      ]);
    });
  });

  test("without GROUP BY there is one group if any row matched, else none", () => {
    const isNotFound = call("bool", "eq", STATUS, literal("i64", "404"));
    expect(run(line("200", "1"), plan({ filter: isNotFound }))).toEqual([]);
    expect(run(line("404", "1"), plan({ filter: isNotFound }))).toEqual([[1n]]);
  });
});

describe("numbers of groups are those of their values", () => {
  test("for keys of each type", () => {
    const map = plan({
      keys: [STATUS, TIME, call("bool", "lt", BYTES, literal("i64", "5")), call("f64", "cast", BYTES), field("url")],
    });
    const rows = scanned(line("404", "7"), map).rows();
    rows.forEachRow((row) => {
      expect([0, 1, 2, 3, 4].map((key) => rows.keyNumber(row, key))).toEqual([
        404,
        971_211_336_000_000,
        0,
        7,
        Number.NaN,
      ]);
      expect([0, 1, 2, 3, 4].map((key) => rows.keyValue(row, key))).toEqual([
        404n,
        971_211_336_000_000n,
        false,
        7,
        "/",
      ]);
    });
  });
});

test("texts are equal only if all their bytes are", () => {
  const letters = "abcdefghijklmnopqrstuvwxyzabcdefghijklmn";
  for (let length = 1; length <= letters.length; length += 1) {
    const wanted = letters.slice(0, length);
    const others = Array.from({ length }, (_, at) => `${wanted.slice(0, at)}X${wanted.slice(at + 1)}`);
    const log = [wanted, ...others].map((agent) => line("200", "1").replace('"-"\n', `"${agent}"\n`)).join("");
    const isWanted = call("bool", "eq", field("user_agent"), literal("string", wanted));
    expect(run(log, plan({ filter: isWanted, keys: [field("user_agent")] }))).toEqual([[wanted, 1n]]);
    expect(scanned(log, plan({ keys: [field("user_agent")] })).groupCount).toBe(length + 1);
  }
});

describe("what cannot be computed is refused by name:", () => {
  const refusal = (map: MapPlan): string => {
    try {
      scanned(line("200", "1"), map);
    } catch (error) {
      return (error as Error).message;
    }
    return "accepted";
  };

  test.each([
    [
      "an aggregate",
      plan({ aggregates: [aggregate("kurtosis", BYTES)] }),
      "The aggregate kurtosis cannot be computed yet",
    ],
    [
      "sum of texts",
      plan({ aggregates: [aggregate("sum", field("url"))] }),
      "sum of a string cannot be computed yet; it takes i64, interval, f64",
    ],
    [
      "a function",
      plan({ keys: [call("string", "ua_shoe_size", field("user_agent"))] }),
      "The function ua_shoe_size cannot be computed for every row yet",
    ],
    [
      "too many keys",
      plan({
        keys: Array.from({ length: 33 }, (_, index) => call("i64", "add", STATUS, literal("i64", String(index)))),
      }),
      "The query groups by 33 keys; at most 32 are possible, one less beside an aggregate that keeps values",
    ],
    [
      "overflow",
      plan({ keys: [call("i64", "add", STATUS, literal("i64", MAX))] }),
      "A result of + does not fit into a 64-bit integer in 1 rows; cast one side to DOUBLE",
    ],
  ])("%s", (_name, map, message) => {
    expect(refusal(map)).toBe(message);
  });

  test("but overflow in a row that WHERE drops is no error", () => {
    const filter = call("bool", "eq", STATUS, literal("i64", "404"));
    const keys = [call("i64", "add", STATUS, literal("i64", MAX))];
    expect(refusal(plan({ filter, keys }))).toBe("accepted");
  });

  test("32 keys are possible", () => {
    const keys = Array.from({ length: 32 }, (_, index) => call("i64", "add", BYTES, literal("i64", String(index))));
    const [row] = run(line("200", "-"), plan({ keys }));
    expect(row).toEqual([...Array.from({ length: 32 }, () => null), 1n]);
  });
});

describe("a value that does not convert", () => {
  test("is NULL and counted where the row is part of the answer", () => {
    const log = line("200", "1").replace('"-"\n', '"x1"\n') + line("404", "1").replace('"-"\n', '"x2"\n');
    const number = call("i64", "cast", field("user_agent"));
    expect(scanned(log, plan({ keys: [number] })).counters.malformedFields).toBe(2);
    const filter = call("bool", "eq", STATUS, literal("i64", "404"));
    expect(scanned(log, plan({ filter, keys: [number] })).counters.malformedFields).toBe(1);
  });
});

test("an input that ends too early is an error, not a smaller answer", () => {
  const bytes = bytesOf(line("200", "1"));
  const accumulator = new VertexAccumulator(Kernels.instantiate(), plan({}));
  const range = { ...wholeRange(bytes), end: bytes.length + 10, scanSize: bytes.length + 10 };
  expect(() => accumulator.scan(memoryReader(bytes), range)).toThrow(
    `The input ended at byte ${bytes.length}, before the ${bytes.length + 10} bytes it had; run the query again`,
  );
});

test("an input without a known end is read to its end", () => {
  const bytes = bytesOf(line("200", "1") + line("404", "2").trimEnd());
  const accumulator = new VertexAccumulator(Kernels.instantiate(), plan({ keys: [STATUS] }));
  const endless = { ...wholeRange(bytes), end: Number.POSITIVE_INFINITY, scanSize: Number.POSITIVE_INFINITY };
  accumulator.scan(memoryReader(bytes), endless);
  expect([accumulator.groupCount, accumulator.coverageBytes]).toEqual([2, bytes.length]);
});

test("a second accumulator may take over the kernels of the first", () => {
  const kernels = Kernels.instantiate();
  new VertexAccumulator(kernels, plan({}));
  const second = new VertexAccumulator(kernels, plan({ keys: [STATUS] }));
  second.absorb(scanned(line("200", "1"), plan({ keys: [STATUS] })).seal());
  expect(second.groupCount).toBe(1);
});

describe("times", () => {
  test.each([
    ["zeros, which fresh kernels could take for a time they know", `${"\0".repeat(16)}0:00${"\0".repeat(6)}`, 0],
    ["the minute of the line before", "10/Oct/2000:13:55:37 -0700", 1],
    ["a minute above 59", "10/Oct/2000:13:60:00 -0700", 0],
    ["a second above 60", "10/Oct/2000:13:55:61 -0700", 0],
    ["a colon in the wrong place", "10/Oct/2000:13:5:536 -0700", 0],
    ["a byte beyond ASCII for a digit", "10/Oct/2000:13:55:3\xb7 -0700", 0],
  ])("of %s", (_name, time, rows) => {
    const log = Buffer.from(line("200", "1").replace("10/Oct/2000:13:55:36 -0700", time), "latin1");
    const known = Buffer.from(line("200", "1"));
    expect(scanned(log, plan({})).counters.unparsed).toBe(1 - rows);
    expect(scanned(Buffer.concat([known, log]), plan({})).counters.unparsed).toBe(1 - rows);
  });
});
