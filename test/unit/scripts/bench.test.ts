import { describe, expect, it } from "vitest";
import { differenceOf } from "../../../scripts/bench/compare-answers.js";
import { BenchError, median, runInterleaved, runOnce } from "../../../scripts/bench/measure.js";
import { phaseOfKernel, phaseOfScript } from "../../../scripts/bench/phases.js";
import { QUESTIONS } from "../../../scripts/bench/questions.js";
import { textTable } from "../../../scripts/bench/text-table.js";

const printing = (name: string, script: string) => ({
  name,
  command: process.execPath,
  args: ["-e", script],
  answerOf: (output: string) => output.trim(),
});

describe("median", () => {
  it.each([
    [[3], 3],
    [[3, 1, 2], 2],
    [[4, 1, 3, 2], 2.5],
    [[10, 9, 100], 10],
  ])("of %j is %f", (values, expected) => {
    expect(median(values)).toBe(expected);
  });
});

describe("runOnce", () => {
  it("gives the answer of the command and the time it took", () => {
    const run = runOnce(printing("node", "console.log(6 * 7)"));
    expect(run.answer).toBe("42");
    expect(run.seconds).toBeGreaterThan(0);
  });

  it("names a command that fails, with what it said", () => {
    expect(() => runOnce(printing("node", "console.error('no luck'); process.exit(3)"))).toThrow(
      new BenchError("node failed (exit 3): no luck"),
    );
  });
});

describe("runInterleaved", () => {
  it("times every contender in every round", () => {
    const seconds = runInterleaved([printing("one", "1"), printing("two", "2")], 2);
    expect([...seconds.keys()]).toEqual(["one", "two"]);
    for (const times of seconds.values()) expect(times).toHaveLength(2);
  });
});

describe("phases", () => {
  it.each([
    ["splitLines", "split lines"],
    ["splitRequests", "tokenize"],
    ["takeQuoted", "tokenize"],
    ["takeClfTime", "convert"],
    ["lookupGroups", "group"],
    ["sumValues", "aggregate"],
    ["mergeSums", "merge"],
    ["compareStrings", "filter and compute"],
    [undefined, "kernels, shared parts"],
  ])("puts the kernel %s under %s", (name, phase) => {
    expect(phaseOfKernel(name)).toBe(phase);
  });

  it.each([
    ["node:fs", "readSync", "read"],
    ["file:///x/dist/src/engine/sql/parse-select.js", "parseSelect", "compile"],
    ["file:///x/dist/src/engine/operators/calls/like.js", "like", "sequence kernels"],
    ["file:///x/dist/src/node/adapters/threads/worker.js", "run", "coordinate threads"],
    ["file:///x/dist/src/node/driver/node-driver.js", "submit", "plan and run the job"],
    ["node:internal/modules/esm/loader", "load", "start Node, load modules"],
    ["", "(garbage collector)", "collect garbage"],
  ])("puts a function of %s (%s) under %s", (url, name, phase) => {
    expect(phaseOfScript(url, name)).toBe(phase);
  });
});

describe("textTable", () => {
  it("puts the first column at the left and the figures at the right", () => {
    const table = textTable(
      ["what", "ms"],
      [
        ["scan", "120"],
        ["a longer name", "7"],
      ],
    );
    expect(table.split("\n")).toEqual([
      "what            ms",
      "─────────────  ───",
      "scan           120",
      "a longer name    7",
    ]);
  });
});

describe("differenceOf", () => {
  const compare = (left: string, right: string, tolerance: number): string | undefined =>
    differenceOf({ name: "one", answer: left }, { name: "other", answer: right }, tolerance);

  it.each([
    ["200 10\n404 3", "200 10\n404 3", 0],
    ["info 100.5\nwarn ", "info 99.5\nwarn ", 0.01],
    ["200 1e3", "200 1000", 0],
  ])("finds none between %j and %j within %f", (left, right, tolerance) => {
    expect(compare(left, right, tolerance)).toBeUndefined();
  });

  it.each([
    ["200 10\n404 3", "200 11\n404 3", 0, "one: 200 10; other: 200 11"],
    ["info 100", "info 98.9", 0.01, "one: info 100; other: info 98.9"],
    ["info 100", "warn 100", 0.5, "one: info 100; other: warn 100"],
    ["info 0", "info ", 0.5, "one: info 0; other: info "],
    ["200 10", "200 10\n404 3", 0, "one: ; other: 404 3"],
  ])("tells %j from %j within %f", (left, right, tolerance, difference) => {
    expect(compare(left, right, tolerance)).toBe(difference);
  });
});

describe("the questions", () => {
  it("have names of their own", () => {
    expect(new Set(QUESTIONS.map(({ id }) => id)).size).toBe(QUESTIONS.length);
  });

  it("ask ripgrep only for what logmr counts", () => {
    for (const { ripgrep, sql } of QUESTIONS) {
      if (ripgrep !== undefined) expect(sql).toMatch(/^SELECT count\(\*\) FROM logs WHERE/);
    }
  });
});
