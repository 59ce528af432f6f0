import { describe, expect, test } from "vitest";
import type { FieldOperation } from "../../../../src/engine/formats/format.js";
import { type FusedOperation, fuseOperations } from "../../../../src/engine/operators/fused-operations.js";

const until = (delimiter: string, field: string | null = null): FieldOperation => ({ kind: "until", delimiter, field });
const literal = (text: string): FieldOperation => ({ kind: "literal", text });
const QUOTED = { kind: "quoted", field: "request" } as const;
const TIME = { kind: "clf-time", field: "time" } as const;
const BYTES = { kind: "integer", delimiter: " ", mayEnd: true, field: "bytes" } as const;
const ACCESS_LINE: readonly FieldOperation[] = [
  until(" ", "a"),
  until(" "),
  until(" [", "b"),
  TIME,
  literal("] "),
  QUOTED,
  literal(" "),
  { kind: "integer", delimiter: " ", mayEnd: false, field: "status" },
  BYTES,
];

/** In short: the fields of untils with their delimiters, and operations with what is fused behind them. */
function shapeOf(operation: FusedOperation): string {
  switch (operation.kind) {
    case "untils":
      return `${operation.fields.map((field) => field ?? "_").join(",")} until "${operation.first}" "${operation.second}"`;
    case "suffixed":
      return `${operation.operation.kind}+"${operation.suffix}"`;
    case "access-line":
      return `${operation.fields.map((field) => field ?? "_").join(",")} [${operation.time}] "${operation.request}" ${operation.status} ${operation.bytes}`;
    case "literal":
      return `literal "${operation.text}"`;
    default:
      return operation.kind;
  }
}

describe("operations that are fused", () => {
  test.each<[string, readonly FieldOperation[], readonly string[]]>([
    ["fields that end at the same byte", [until(" ", "a"), until(" "), until(" ", "b")], ['a,_,b until " " ""']],
    [
      "and the last at two",
      [until(" ", "a"), until(" [", "b"), until(" ", "c")],
      ['a,b until " " "["', 'c until " " ""'],
    ],
    ["four at most", Array.from({ length: 5 }, () => until("\t")), ['_,_,_,_ until "\t" ""', '_ until "\t" ""']],
    ["not those of other bytes", [until(" "), until(":")], ['_ until " " ""', '_ until ":" ""']],
    ["nor of three", [until(" "), until(" - ")], ['_ until " " ""', "until"]],
    [
      "nor those that the end of the line ends",
      [until(" "), { kind: "until", delimiter: " ", mayEnd: true, field: null }],
      ['_ until " " ""', "until"],
    ],
    ["a literal with the quoted text before it", [QUOTED, literal(" "), QUOTED], ['quoted+" "', 'quoted+""']],
    ["and with the time", [TIME, literal("] "), literal("x")], ['clf-time+"] "', 'literal "x"']],
    ["no literal with anything else", [until(" "), literal("x")], ['_ until " " ""', 'literal "x"']],
  ])("are %s", (_name, operations, shapes) => {
    expect(fuseOperations(operations, false).map(shapeOf)).toEqual(shapes);
  });

  test.each<[string, readonly FieldOperation[], readonly string[]]>([
    ["whole", ACCESS_LINE, ['a,_,b [time] "request" status bytes']],
    [
      "behind other fields",
      [until(":", "host"), ...ACCESS_LINE],
      ['host until ":" ""', 'a,_,b [time] "request" status bytes'],
    ],
    [
      "with another field before",
      [until(" "), ...ACCESS_LINE],
      ['_ until " " ""', 'a,_,b [time] "request" status bytes'],
    ],
    [
      "not with two fields only",
      ACCESS_LINE.slice(1),
      ['_,b until " " "["', 'clf-time+"] "', 'quoted+" "', "integer", "integer"],
    ],
    [
      "nor where something lies between",
      ACCESS_LINE.toSpliced(7, 0, literal("- ")),
      ['a,_,b until " " "["', 'clf-time+"] "', 'quoted+" "', 'literal "- "', "integer", "integer"],
    ],
    [
      "nor where bytes must not end the line",
      [...ACCESS_LINE.slice(0, -1), { ...BYTES, mayEnd: false }],
      ['a,_,b until " " "["', 'clf-time+"] "', 'quoted+" "', "integer", "integer"],
    ],
  ])("are those of an access log's line, %s", (_name, operations, shapes) => {
    expect(fuseOperations(operations, false).map(shapeOf)).toEqual(shapes);
  });

  test("are quoted texts and literals alone where all is optional, since a used up line ends between any two", () => {
    const operations = [until(" "), until(" "), QUOTED, literal(" ")];
    expect(fuseOperations(operations, true).map(shapeOf)).toEqual(["until", "until", 'quoted+" "']);
  });
});
