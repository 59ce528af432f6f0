import { describe, expect, it } from "vitest";
import { BenchError, median, runInterleaved, runOnce } from "../../../scripts/bench/measure.js";
import { phaseOfKernel, phaseOfScript } from "../../../scripts/bench/phases.js";
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
