import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it, test } from "vitest";
import { FAULT_KINDS } from "../../../scripts/chaos/faults.js";
import { LiveLog } from "../../../scripts/chaos/live-log.js";
import { countedMs } from "../../../scripts/chaos/paced-clock.js";
import { describeSchedule, drawSchedule } from "../../../scripts/chaos/schedule.js";
import { type Circumstances, type JobEnd, judge } from "../../../scripts/chaos/verdict.js";

const EVERYTHING = { nodes: 5, facilities: new Set(["processes", "links", "disks"] as const), only: undefined };

describe("A schedule", () => {
  const texts = Array.from({ length: 200 }, (_, seed) => describeSchedule(drawSchedule(seed, EVERYTHING)));

  it("is the same for the same seed, and another one for another", () => {
    expect(texts.map((_, seed) => describeSchedule(drawSchedule(seed, EVERYTHING)))).toEqual(texts);
    expect(new Set(texts).size).toBe(texts.length);
  });

  it.each(FAULT_KINDS.map(({ kind }) => kind))("has the fault %s now and then", (kind) => {
    expect(texts.some((text) => text.includes(`: ${kind}, `))).toBe(true);
  });

  it("has no fault that its place cannot do, and none that was not asked for", () => {
    const limits = { nodes: 3, facilities: new Set(["processes"] as const), only: ["kill -9", "partition", "append"] };
    const kinds = new Set(texts.flatMap((_, seed) => drawSchedule(seed, limits).faults.map(({ fault }) => fault.kind)));
    expect([...kinds].sort()).toEqual(["append", "kill -9"]);
  });

  it("asks the same questions whatever may go wrong", () => {
    const harmless = drawSchedule(7, { ...EVERYTHING, only: ["append"] });
    expect(harmless.questions).toEqual(drawSchedule(7, EVERYTHING).questions);
  });
});

describe("Paced time", () => {
  it.each([
    ["all of it while nobody waited", 100, [], 100],
    ["what the node that waited longest did not wait", 100, [10, 60, 0], 40],
    ["a twentieth at least", 100, [100], 5],
  ])("counts %s", (_what, elapsedMs, waitedMs, expected) => {
    expect(countedMs(elapsedMs, waitedMs)).toBe(expected);
  });
});

describe("What became of a question", () => {
  const facts: Circumstances = {
    allowIncomplete: false,
    isCancelled: false,
    isChanged: false,
    isHolderAway: false,
    whole: async () => ["whole", "another"],
    without: async (missing) => [`without ${missing.join()}`],
  };
  const end = (status: Partial<JobEnd["status"]>, text?: string): JobEnd => ({
    status: { state: "COMPLETED", coverage: 1, missing: [], error: null, ...status },
    text,
  });
  const part = { state: "INCOMPLETE", coverage: 0.5, missing: ["app:a.log"] } as const;
  const away = { allowIncomplete: true, isHolderAway: true };
  const late = { state: "FAILED", error: "the deadline of 12 s passed before it was done" } as const;
  const changed = { state: "FAILED", error: "live:a.log changed while the job read it; submit again" } as const;

  test.each<[string, JobEnd, Partial<Circumstances>, string]>([
    ["the right answer", end({}, "whole"), {}, "exact"],
    ["one of several right answers", end({}, "another"), {}, "exact"],
    ["a wrong answer", end({}, "smaller"), {}, "violation"],
    ["a completed job without a table", end({}), {}, "violation"],
    ["a completed job that lacks a file", end({ missing: ["app:a.log"] }, "whole"), {}, "violation"],
    ["what was there, with what lacks", end(part, "without app:a.log"), away, "incomplete"],
    ["something else than what was there", end(part, "whole"), away, "violation"],
    ["a gap that nobody allowed", end(part, "without app:a.log"), { isHolderAway: true }, "violation"],
    ["a gap while everyone was there", end(part, "without app:a.log"), { allowIncomplete: true }, "violation"],
    ["a gap without a name", end({ ...part, missing: [] }, "without "), away, "violation"],
    ["a changed log", end(changed), { isChanged: true }, "input-changed"],
    ["a changed log that did not change", end(changed), {}, "violation"],
    ["a deadline that passed without a holder", end(late), { isHolderAway: true }, "deadline"],
    ["a deadline that passed without a reason", end(late), {}, "violation"],
    ["a failure of its own", end({ state: "FAILED", error: "out of memory" }), away, "violation"],
    ["a cancelled job", end({ state: "CANCELLED" }), { isCancelled: true }, "cancelled"],
    ["a cancelled job that nobody cancelled", end({ state: "CANCELLED" }), {}, "violation"],
    ["a job without an end", end({ state: "RUNNING" }), {}, "violation"],
  ])("is told: %s", async (_what, ended, circumstances, kind) => {
    expect((await judge(ended, { ...facts, ...circumstances })).kind).toBe(kind);
  });
});

describe("A live log", () => {
  const directory = mkdtempSync(join(tmpdir(), "logmr-chaos-"));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  const line = (number: number): string => `10.0.0.1 - - [now] "GET /${number} HTTP/1.1" 200 1${number} "-" "agent"\n`;
  const seed = join(directory, "seed.log");
  writeFileSync(seed, Array.from({ length: 8 }, (_, number) => line(number)).join(""));
  const lineBytes = line(0).length;

  function openLog() {
    let nowMs = 0;
    const log = new LiveLog(join(directory, "live.log"), seed, () => nowMs);
    const at = (ms: number): void => {
      nowMs = ms;
    };
    const was = (lines: number, fromMs: number, untilMs: number): readonly string[] =>
      log.withLines(lines, fromMs, untilMs).map(String);
    return { log, at, was };
  }

  const FIRST = 4;

  it("remembers every length that it had, and only in its time", () => {
    const { log, at, was } = openLog();
    const begun = readFileSync(log.path, "utf8");
    expect(begun.split("\n")).toHaveLength(FIRST + 1);
    at(10);
    log.append(lineBytes);
    at(20);
    log.append(lineBytes);
    const grown = readFileSync(log.path, "utf8");
    expect(was(FIRST, 5, 6)).toEqual([begun]);
    expect(was(FIRST + 2, 5, 15)).toEqual([]);
    expect(was(FIRST + 2, 15, 25)).toEqual([grown]);
    expect(was(FIRST, 21, 25)).toEqual([]);
    expect(log.isChangedBetween(0, 25)).toBe(false);
  });

  it.each<[string, (log: LiveLog) => void]>([
    ["rotated", (log) => log.rotate(lineBytes)],
    ["truncated", (log) => log.copyTruncate(lineBytes)],
    ["rewritten", (log) => log.rewrite()],
  ])("is another log once it was %s, and was both for who asks over that time", (_what, change) => {
    const { log, at, was } = openLog();
    const before = readFileSync(log.path, "utf8");
    at(10);
    change(log);
    const after = readFileSync(log.path, "utf8");
    expect(after).not.toBe(before);
    expect(was(after.split("\n").length - 1, 11, 12)).toEqual([after]);
    expect(was(FIRST, 5, 12)).toContain(before);
    expect(log.isChangedBetween(9, 11)).toBe(true);
    expect(log.isChangedBetween(11, 12)).toBe(false);
  });
});
