import { describe, expect, it } from "vitest";
import { decodeJobMessage, encodeJobMessage, MAX_BEACON_JOBS } from "../../../src/cluster/job/job-messages.js";
import { viewOf } from "./cluster-cores.js";
import { coreOf, JOB, kinds } from "./job-node.js";

describe("Questions about a job that is not known here", () => {
  it("go to the successors, then to everyone, then are answered with nothing", () => {
    const node = coreOf(viewOf("a", "a b c d e f"));
    const first = node.step({ kind: "ask", what: "status", caller: 3, jobId: JOB });
    const second = node.nobodyKnows(first);
    const asked = [...first, ...second].flatMap((effect) => (effect.kind === "fetch" ? [effect.from] : []));
    expect(asked.sort()).toEqual(["b", "c", "d", "e", "f"]);
    expect(node.nobodyKnows(second)).toContainEqual({ kind: "status", caller: 3, status: undefined, silent: [] });
  });

  it("are answered with those who may know it: the asked that do not answer, and suspects, but not the dead", () => {
    const node = coreOf(viewOf("a", "a b c d e? f!"));
    const asked = node.step({ kind: "ask", what: "status", caller: 3, jobId: JOB });
    const outcomes = { b: undefined, c: "unreachable" } as const;
    for (const effect of asked) {
      if (effect.kind !== "fetch" || !(effect.from in outcomes)) continue;
      const outcome = outcomes[effect.from as string as keyof typeof outcomes];
      node.step({ kind: "fetched", jobId: JOB, from: effect.from, outcome });
    }
    const ends = [...node.at(1000), ...node.at(2000)];
    expect(ends).toContainEqual({ kind: "status", caller: 3, status: undefined, silent: ["c", "d", "e"] });
  });

  it("do not wait longer than a second for each round", () => {
    const node = coreOf(viewOf("a", "a b c d e f"));
    node.step({ kind: "ask", what: "result", caller: 3, jobId: JOB });
    expect(kinds(node.at(999))).toEqual([]);
    node.at(1000);
    expect(node.at(2000)).toContainEqual(
      expect.objectContaining({ kind: "ended", caller: 3, record: undefined, status: undefined }),
    );
  });
});

describe("Job messages", () => {
  it("keep a full beacon under the gossip cap", () => {
    const entry = { jobId: JOB, manifestDigest: "f".repeat(32), doneBytes: 2 ** 52, doneSpans: 100_000 };
    const message = { kind: "beacon" as const, jobs: Array.from({ length: MAX_BEACON_JOBS }, () => entry) };
    const bytes = encodeJobMessage(message);
    expect(bytes.length).toBeLessThan(64 * 1024);
    expect(decodeJobMessage(bytes)).toEqual(message);
  });

  it.each(["", "null", "[]", '{"kind":"announce"}', '{"kind":"beacon","jobs":[null]}', '{"kind":"beacon","jobs":7}'])(
    "are ignored when malformed: %s",
    (text) => {
      expect(decodeJobMessage(new TextEncoder().encode(text))).toBeUndefined();
    },
  );
});
