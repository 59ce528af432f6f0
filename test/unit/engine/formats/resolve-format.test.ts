import { describe, expect, test } from "vitest";
import { detectFormat, overrideFormat, resolveFormat } from "../../../../src/engine/formats/detect-format.js";
import { fieldOf, formatByName } from "../../../../src/engine/formats/formats.js";
import { unifyTypes } from "../../../../src/engine/formats/unify-types.js";
import { bytesOf, plan, scanned } from "../plans.js";

const sampleOf = (...lines: readonly string[]) => ({
  bytes: bytesOf(lines.map((line) => `${line}\n`).join("")),
  referenceMs: Date.UTC(2024, 11, 31, 12),
});

describe("the types of a file's fields", () => {
  test.each([
    ['{"a":1}|{"a":2}', { a: "i64" }],
    ['{"a":1}|{"a":2.5}|{"a":null}', { a: "f64" }],
    ['{"a":1}|{"a":"x"}', { a: "string" }],
    ['{"a":true,"b":null}|{"a":false}', { a: "bool", b: "string" }],
    ['{"a":"2024-01-15T10:00:00Z"}|{"a":"2024-01-15 10:00:00,5"}', { a: "timestamp" }],
    ['{"a":"2024-01-15T10:00:00Z"}|{"a":""}', { a: "string" }],
    ['{"a":{"b":{"c":1},"d":[1]}}', { "a.b.c": "i64", "a.d": "string" }],
    ['{"a":9223372036854775808}', { a: "f64" }],
    ['{"_raw":1,"ä":2}', { _raw: "string", ä: "i64" }],
    ["a=1 b=x|a=2 b=y", { a: "i64", b: "string" }],
    ["a,b c|1,x|2.5,", { a: "f64", "b c": "string" }],
    ["a\tb|1\ttrue", { a: "i64", b: "bool" }],
  ])("of %s", (lines, expected) => {
    const format = formatByName(detectFormat(sampleOf(...lines.split("|"))).format);
    for (const [name, type] of Object.entries(expected)) expect(fieldOf(format, name)?.type).toBe(type);
  });
});

describe("what was asked for becomes what a file has:", () => {
  test.each([
    ["COMBINED", ["x"], "combined"],
    ["syslog", ["x"], "syslog:2025-01"],
    ["json", ['{"a":1}'], 'json:[["a","i64"]]'],
    ["csv", ["a,b", "1,2"], 'csv:{"columns":[["a","i64"],["b","i64"]],"delimiter":",","header":"a,b"}'],
    [
      "csv",
      ["a,a,a_1,a", "1,x,2,y"],
      'csv:{"columns":[["a","i64"],["a_2","string"],["a_1","i64"],["a_3","string"]],"delimiter":",","header":"a,a,a_1,a"}',
    ],
    ["w3c", ["#Version: 1.0", "#Fields: date time c-ip", "2024-01-15 10:00:00 ::1"], "w3c:date time c-ip"],
    [
      "docker",
      ['{"log":"{\\"a\\":1}\\n","stream":"stdout","time":"2024-01-15T10:00:00Z"}'],
      'docker:json:[["a","i64"]]',
    ],
    ["cri:plain", ["2016-10-06T00:17:09Z stdout F hello"], "cri:plain"],
    ["json", [], "plain"],
  ])("%s", (asked, lines, text) => {
    expect(resolveFormat(asked, sampleOf(...lines)).format).toBe(text);
  });

  test("a directive that names no fields is no format", () => {
    expect(detectFormat(sampleOf("#Fields: ", "hello")).format).toBe("plain");
  });

  test.each(["json", "csv", "w3c", "logfmt"])("%s of a file that is none is refused", (asked) => {
    expect(() => resolveFormat(asked, sampleOf("hello"))).toThrow("does not tell the fields");
  });

  test.each(["json:{}", "json:[[1]]", 'json:[["a","u8"]]', "csv:[]", "w3c:", "syslog:2024-13", "csv:{"])(
    "the broken text %s is refused",
    (text) => expect(() => formatByName(text)).toThrow(expect.objectContaining({ name: "FormatError" })),
  );

  test("where only a detected format is at hand, it must be the one", () => {
    expect(overrideFormat("json", 'json:[["a","i64"]]')).toBe('json:[["a","i64"]]');
    expect(overrideFormat("docker", "docker:plain")).toBe("docker:plain");
    expect(overrideFormat("common", "combined")).toBe("common");
    expect(() => overrideFormat("json", "plain")).toThrow("are those of a file");
  });
});

describe("fields of several files get one type", () => {
  test.each([
    [
      "whole numbers and fractions",
      ['json:[["a","i64"]]', 'json:[["a","f64"]]'],
      ['json:[["a","f64"]]', 'json:[["a","f64"]]'],
    ],
    [
      "numbers and text",
      ['json:[["a","i64"]]', 'logfmt:[["a","string"]]'],
      ['json:[["a","string"]]', 'logfmt:[["a","string"]]'],
    ],
    [
      "a known format's and others",
      ["combined", 'docker:json:[["status","string"]]'],
      ["combined", 'docker:json:[["status","i64"]]'],
    ],
  ])("%s", (_name, texts, expected) => {
    expect(unifyTypes(texts)).toEqual(expected);
  });
});

test("W3C fields that change within a file end the scan, wherever a range begins; the same ones do not", () => {
  const row = "2024-01-15 10:00:00 ::1";
  const text = `#Fields: date time c-ip\n${row}\n#Fields: date time c-ip \n${row}\n`;
  expect(scanned(text, plan({}), "w3c:date time c-ip").counters).toMatchObject({ lines: 4, unparsed: 2 });
  expect(() => scanned(`${text}#Fields: date time s-ip\n${row}\n`, plan({}), "w3c:date time c-ip")).toThrow(
    expect.objectContaining({ name: "ScanError", code: "fields-changed" }),
  );
});
