import { describe, expect, test } from "vitest";
import { detectFormat } from "../../../../src/engine/formats/detect-format.js";
import { FORMATS, fieldOf, formatByName } from "../../../../src/engine/formats/formats.js";
import { bytesOf, field, plan, run, STATUS, scanned } from "../plans.js";

const PREFIX = '1.2.3.4 - bob [10/Oct/2000:13:55:36 -0700] "GET /a?b HTTP/1.0" 200 2326';
const TAIL = ' "http://x/" "Mozilla/4.08"';
const lines = (...texts: readonly string[]): Uint8Array => bytesOf(texts.map((text) => `${text}\n`).join(""));

describe("detecting a format", () => {
  test.each([
    ["combined", lines(PREFIX + TAIL, PREFIX + TAIL), { format: "combined", lines: 2, parsed: 2 }],
    ["common", lines(PREFIX, PREFIX), { format: "common", lines: 2, parsed: 2 }],
    [
      "combined with some broken lines",
      lines(PREFIX + TAIL, "x", PREFIX + TAIL),
      { format: "combined", lines: 3, parsed: 2 },
    ],
    ["text", lines("hello", "world", PREFIX), { format: "plain", lines: 3, parsed: 3 }],
    ["nothing", lines(), { format: "plain", lines: 0, parsed: 0 }],
    ["a sample cut in a line", bytesOf(`${PREFIX}${TAIL}\n1.2.3`), { format: "combined", lines: 1, parsed: 1 }],
    ["one line without a newline", bytesOf(PREFIX), { format: "common", lines: 1, parsed: 1 }],
  ])("of %s", (_name, sample, expected) => {
    expect(detectFormat({ bytes: sample, referenceMs: 0 })).toMatchObject(expected);
  });
});

describe("formats", () => {
  test("are found by name", () => {
    for (const format of FORMATS) expect(formatByName(format.name)).toBe(format);
    expect(() => formatByName("combind")).toThrow(
      /^No format is called "combind"; did you mean "combined"\? there are .*combined, common, /,
    );
  });

  test("have the common fields", () => {
    for (const format of FORMATS) {
      for (const name of ["_raw", "_file", "_node"]) expect(fieldOf(format, name)?.type).toBe("string");
    }
  });

  test("give the fields of a line", () => {
    const names = ["remote_addr", "remote_user", "method", "url", "path", "query", "protocol", "referer", "user_agent"];
    const map = plan({ keys: [...names.map((name) => field(name)), STATUS, field("time", "timestamp")] });
    expect(run(PREFIX + TAIL, map)).toEqual([
      [
        "1.2.3.4",
        "bob",
        "GET",
        "/a?b",
        "/a",
        "b",
        "HTTP/1.0",
        "http://x/",
        "Mozilla/4.08",
        200n,
        971_211_336_000_000n,
        1n,
      ],
    ]);
  });

  test("a field that the format lacks is NULL", () => {
    expect(run(PREFIX, plan({ keys: [field("user_agent"), STATUS] }), "common")).toEqual([[null, 200n, 1n]]);
  });

  test("_file and _node are those of the range", () => {
    expect(run(PREFIX, plan({ keys: [field("_file"), field("_node")] }))).toEqual([["access.log", null, 1n]]);
  });
});

describe("a line is a row if and only if its prefix through bytes parses,", () => {
  const count = plan({});
  test.each([
    ["whole", PREFIX, 0],
    ["with a tail of garbage", `${PREFIX} garbage`, 0],
    ["cut in the bytes' place", PREFIX.slice(0, -5), 1],
    ["with letters behind the bytes", `${PREFIX}x`, 1],
    ["with a status that is no number", PREFIX.replace("200", "2x0"), 1],
    ["with a date that does not exist", PREFIX.replace("10/Oct", "31/Sep"), 1],
    ["with a request that is not closed", PREFIX.replace('1.0"', "1.0"), 1],
    ["with a request of garbage", PREFIX.replace("GET /a?b HTTP/1.0", "\\x16\\x03"), 0],
    ["with nothing for numbers", PREFIX.replace("200 2326", "- -"), 0],
    ["empty", "", 1],
  ])("%s", (_name, text, unparsed) => {
    for (const map of [count, plan({ keys: [field("user_agent")] }), plan({ keys: [STATUS] })]) {
      expect(scanned(`${text}\n`, map).counters).toMatchObject({ lines: 1, unparsed });
    }
  });
});

describe("malformed fields behind the prefix are NULL and counted", () => {
  test.each([
    ["a user agent that is cut", `${PREFIX} "-" "Moz`, "user_agent", 1],
    ["a missing tail", PREFIX, "user_agent", 0],
    ["a referer without quotes", `${PREFIX} x`, "referer", 1],
    ["a cut user agent that nobody asked for", `${PREFIX} "-" "Moz`, "referer", 0],
    ["a request without parts", PREFIX.replace("GET /a?b HTTP/1.0", "\\x16"), "url", 1],
    ["no request at all", PREFIX.replace("GET /a?b HTTP/1.0", "-"), "url", 0],
  ])("%s", (_name, text, name, malformedFields) => {
    const accumulator = scanned(text, plan({ keys: [field(name)] }));
    expect(accumulator.counters).toMatchObject({ lines: 1, unparsed: 0, malformedFields });
    expect(accumulator.rows().keyValue(firstRow(accumulator), 0)).toBeNull();
  });
});

function firstRow(accumulator: ReturnType<typeof scanned>): number {
  let first = -1;
  accumulator.rows().forEachRow((row) => {
    first = row;
  });
  return first;
}
