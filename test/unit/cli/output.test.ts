import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { displayWidth, safeText } from "../../../src/base/safe-text.js";
import { formatTable, type OutputFormat } from "../../../src/cli/output/print-table.js";
import { terminalColumns } from "../../../src/cli/output/terminal-columns.js";
import { NO_COUNTERS, type ResultTable } from "../../../src/job/result.js";

const table: ResultTable = {
  columns: [
    { name: "url", type: "string" },
    { name: "sent", type: "i64" },
    { name: "mean", type: "f64" },
    { name: "ok", type: "bool" },
    { name: "at", type: "timestamp" },
  ],
  rows: [
    ['/a,b"c\n\u001b[31m', 9007199254740993n, 2.5, true, 1_706_745_600_500_000n],
    [null, null, null, null, null],
    ["=cmd()", -1n, Number.POSITIVE_INFINITY, false, 0n],
  ],
  counters: NO_COUNTERS,
};
const EMPTY: ResultTable = { ...table, rows: [] };

const written = (shown: ResultTable, format: OutputFormat, columns = Number.POSITIVE_INFINITY): string =>
  [...formatTable(shown, format, columns)].join("");

const strings = (...rows: readonly (readonly string[])[]): ResultTable => ({
  columns: (rows[0] ?? []).map((_, index) => ({ name: `c${index}`, type: "string" })),
  rows,
  counters: NO_COUNTERS,
});

describe("output", () => {
  it("is JSON with all digits and ISO 8601 times", () => {
    expect(written(table, "json")).toBe(
      '[\n{"url":"/a,b\\"c\\n\\u001b[31m","sent":9007199254740993,"mean":2.5,"ok":true,"at":"2024-02-01T00:00:00.5Z"},\n' +
        '{"url":null,"sent":null,"mean":null,"ok":null,"at":null},\n' +
        '{"url":"=cmd()","sent":-1,"mean":"Infinity","ok":false,"at":"1970-01-01T00:00:00Z"}\n]\n',
    );
  });

  it("is an object a line in NDJSON", () => {
    const lines = written(table, "ndjson").trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line).url)).toEqual(['/a,b"c\n\u001b[31m', null, "=cmd()"]);
  });

  it.each([
    ["json", "[]\n"],
    ["ndjson", ""],
    ["csv", "url,sent,mean,ok,at\r\n"],
  ] as const)("of an empty table as %s is %j", (format, text) => expect(written(EMPTY, format)).toBe(text));

  it("quotes CSV and takes the edge off formulas, but not off numbers", () => {
    expect(written(table, "csv")).toBe(
      "url,sent,mean,ok,at\r\n" +
        '"/a,b""c\n\u001b[31m",9007199254740993,2.5,true,2024-02-01T00:00:00.5Z\r\n' +
        ",,,,\r\n" +
        "'=cmd(),-1,Infinity,false,1970-01-01T00:00:00Z\r\n",
    );
  });

  it.each(["=1", "+1", "-1", "@x", "\t=1", "\r=1"])("prefixes the CSV text %j", (text) => {
    expect(written(strings([text]), "csv")).toContain(`'${text}`);
  });

  it("escapes Markdown", () => {
    expect(written(strings(["a|b", "<script>", "*x*"]), "markdown")).toBe(
      "| c0 | c1 | c2 |\n| --- | --- | --- |\n| a\\|b | \\<script\\> | \\*x\\* |\n",
    );
  });

  it("aligns a table, numbers to the right", () => {
    const shown: ResultTable = {
      columns: [
        { name: "url", type: "string" },
        { name: "hits", type: "i64" },
      ],
      rows: [
        ["/a", 12345n],
        ["/日本", 1n],
      ],
      counters: NO_COUNTERS,
    };
    expect(written(shown, "table")).toBe("url     hits\n─────  ─────\n/a     12345\n/日本      1\n");
  });

  it("takes a terminal that does not know its width for one of 80 columns", () => {
    expect([{ columns: 0 }, {}, { columns: 132 }].map(terminalColumns)).toEqual([80, 80, 132]);
  });

  it("cuts wide columns to the terminal's width", () => {
    const shown = strings(["short", "x".repeat(300), "y".repeat(100)], ["a", "b", "c"]);
    for (const line of written(shown, "table", 60).trimEnd().split("\n")) {
      expect(displayWidth(line)).toBeLessThanOrEqual(60);
    }
    expect(written(shown, "table", 60)).toContain("short");
  });

  it("lets no text of a log control the terminal, and keeps the width, whatever the text", () => {
    const texts = fc.array(fc.tuple(fc.string({ unit: "binary" }), fc.string({ unit: "binary" })), { minLength: 1 });
    fc.assert(
      fc.property(texts, fc.integer({ min: 30, max: 200 }), (rows, columns) => {
        const lines = written(strings(...rows), "table", columns).split("\n");
        expect(lines).toHaveLength(rows.length + 3);
        for (const line of lines) {
          expect(line).not.toMatch(/[\p{Cc}\p{Cf}\u2028\u2029]/u);
          expect(displayWidth(line)).toBeLessThanOrEqual(columns);
        }
      }),
    );
  });

  it.each([
    ["\u001b[2J", "\\u{1b}[2J"],
    ["a\r\nb\tc", "a\\r\\nb\\tc"],
    ["\u202eabc", "\\u{202e}abc"],
    ["\u0085\u2028\u{e0041}", "\\u{85}\\u{2028}\\u{e0041}"],
    ["ü 日本 😀", "ü 日本 😀"],
  ])("writes %j as %s", (text, escaped) => expect(safeText(text)).toBe(escaped));
});
