import { Writable } from "node:stream";
import { describe, expect, test } from "vitest";
import type { JobId, NodeId } from "../../../src/base/ids.js";
import { jobView, ProgressRate } from "../../../src/cli/job-view.js";
import { LiveStatus } from "../../../src/cli/live-status.js";
import { RedrawnLines } from "../../../src/cli/redrawn-lines.js";
import type { JobStatus } from "../../../src/job/status.js";

const STATUS: JobStatus = {
  id: "0123456789abcdef0123" as JobId,
  state: "RUNNING",
  sql: "SELECT count(*) FROM 'web:*'",
  coverage: 0.5,
  bytesDone: 50_000_000,
  bytesTotal: 100_000_000,
  chunksDone: 3,
  chunksTotal: 10,
  nodes: ["a", "b"],
  copies: 3,
  missing: [],
  unparsed: 0,
  manifestDigest: "d",
  root: "node-a" as NodeId,
  error: null,
  holders: 1,
  holdersTotal: 1,
  nodeProgress: [
    { node: "alpha", bytesDone: 40_000_000, bytesTotal: 60_000_000 },
    { node: "b", bytesDone: 10_000_000, bytesTotal: 40_000_000 },
  ],
};

class Screen extends Writable {
  readonly isTTY = true;
  readonly columns = 100;
  text = "";

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

describe("The view of a job", () => {
  test("has its tree, its bytes with speed and time left, a bar a node, and what it rests on", () => {
    expect(jobView(STATUS, 10_000_000, 100)).toEqual([
      "0123456789abcdef0123 RUNNING: SELECT count(*) FROM 'web:*'",
      `spans ${"█".repeat(9)}${"░".repeat(21)}  30 % 3 of 10`,
      `bytes ${"█".repeat(15)}${"░".repeat(15)}  50 % 50.0 MB of 100.0 MB, 10.0 MB/s, 5 s left`,
      `alpha ${"█".repeat(20)}${"░".repeat(10)}  66 % 40.0 MB of 60.0 MB`,
      `b     ${"█".repeat(7)}${"░".repeat(23)}  25 % 10.0 MB of 40.0 MB`,
      "coverage 50.0 %, holders 1 of 1, copies 3",
    ]);
  });

  test("names what an answer lacks and why a job failed, and escapes what others wrote", () => {
    const failed = { ...STATUS, state: "FAILED" as const, missing: ["web:\u001b[2J.log"], error: "gone\n" };
    expect(jobView(failed, undefined, 100).at(-1)).toBe(
      "coverage 50.0 %, holders 1 of 1, copies 3, missing web:\\u{1b}[2J.log, gone\\n",
    );
  });

  test("fits the terminal, however many nodes there are and whatever they are called", () => {
    const nodeProgress = Array.from({ length: 30 }, (_, index) => ({
      node: `${index} ${"x".repeat(300)}`,
      bytesDone: 1,
      bytesTotal: 2,
    }));
    const lines = jobView({ ...STATUS, nodeProgress }, undefined, 60);
    expect(lines).toContain("and 6 more nodes");
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(60);
  });

  test("of a job without any bytes is full", () => {
    const empty = { ...STATUS, bytesDone: 0, bytesTotal: 0, nodeProgress: [] };
    expect(jobView(empty, undefined, 100)[2]).toContain("100 %");
  });

  test.each([
    [59, "59 s left"],
    [61, "2 min left"],
    [7200, "2.0 h left"],
  ])("tells %i seconds as people do", (seconds, text) => {
    expect(jobView({ ...STATUS, bytesDone: 0 }, STATUS.bytesTotal / seconds, 100)[2]).toContain(text);
  });
});

describe("The speed of a job", () => {
  test("is that of the last seconds", () => {
    const rate = new ProgressRate();
    expect(rate.bytesPerSecond).toBeUndefined();
    rate.add(0, 0);
    rate.add(0, 5);
    expect(rate.bytesPerSecond).toBeUndefined();
    for (let second = 1; second <= 20; second += 1) rate.add(second * 1000, second < 10 ? 5 : (second - 9) * 100);
    expect(rate.bytesPerSecond).toBe(100);
  });

  test("is not known while nothing comes", () => {
    const rate = new ProgressRate();
    rate.add(0, 7);
    rate.add(1000, 7);
    expect(rate.bytesPerSecond).toBeUndefined();
  });
});

test("Lines are drawn over those before", () => {
  const screen = new Screen();
  const lines = new RedrawnLines(screen);
  lines.draw(["one", "two"]);
  lines.draw(["three"]);
  expect(screen.text).toBe("one\ntwo\n\u001b[2A\r\u001b[0Jthree\n");
});

describe("A job that is followed on a terminal", () => {
  test("has its bars from the node that computes the root, and its end stays", async () => {
    const screen = new Screen();
    const asked: string[] = [];
    const members = [{ id: "node-a", grpc: "a:1" }];
    let live: LiveStatus | undefined;
    const watcher = {
      members: () => Promise.resolve(members),
      watch: async (_job: string, onStatus: (status: JobStatus) => void) => {
        onStatus({ ...STATUS, nodeProgress: [] });
        await live?.refresh();
        await live?.refresh();
        onStatus({ ...STATUS, state: "COMPLETED", coverage: 1 });
      },
    };
    live = new LiveStatus(watcher, STATUS.id, screen, (address) => ({
      status: () => {
        asked.push(address);
        return Promise.resolve(STATUS);
      },
      close: () => undefined,
    }));
    await live.follow();
    expect(asked).toEqual(["a:1", "a:1"]);
    expect(screen.text).toContain("COMPLETED");
    expect(screen.text.trimEnd().split("\n").at(-1)).toBe("coverage 100.0 %, holders 1 of 1, copies 3");
  });

  test("goes on when that node cannot be asked", async () => {
    const screen = new Screen();
    let live: LiveStatus | undefined;
    const watcher = {
      members: () => Promise.reject(new Error("gone")),
      watch: async (_job: string, onStatus: (status: JobStatus) => void) => {
        onStatus({ ...STATUS, nodeProgress: [] });
        await live?.refresh();
        onStatus({ ...STATUS, state: "CANCELLED" });
      },
    };
    live = new LiveStatus(watcher, STATUS.id, screen, () => {
      throw new Error("nobody is to be asked");
    });
    await live.follow();
    expect(screen.text).toContain("CANCELLED");
  });
});
