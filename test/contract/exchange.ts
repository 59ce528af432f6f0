/** What every implementation of the exchange port keeps to. */

import { afterEach, describe, expect, test } from "vitest";
import type { Digest, JobId, NodeId } from "../../src/base/ids.js";
import type { Member } from "../../src/cluster/member.js";
import type { FinishedVertex } from "../../src/job/hash-part.js";
import type {
  Exchange,
  ExchangeHandlers,
  PartialOrigin,
  PullProgress,
  PullRequest,
  PullResponder,
} from "../../src/node/ports/exchange.js";
import type { FileDescription } from "../../src/node/ports/source-catalog.js";

/** Two nodes of one cluster: `caller` asks, `server` answers at `member`. */
export interface ExchangePair {
  readonly caller: Exchange;
  readonly server: Exchange;
  readonly member: Member;
  /** Makes the server vanish, with its open calls. */
  kill(): Promise<void>;
  close(): Promise<void>;
}

export const memberAt = (grpc: string): Member => ({
  id: `node at ${grpc}` as NodeId,
  name: "server",
  incarnation: 1,
  listen: "127.0.0.1:1",
  grpc,
  http: "127.0.0.1:3",
  threads: 1,
  zone: "",
  sources: [],
  protocolVersion: 1,
  semanticsVersion: 1,
  state: "alive",
});

const JOB = "0123456789abcdef0123" as JobId;
const REQUEST: PullRequest = { jobId: JOB, kind: "map", vertex: "r0.1.3", manifestDigest: "d1" };

/** Implementations may carry slices by other ways than whole values. */
export const SLICE_REQUEST: PullRequest = {
  ...REQUEST,
  kind: "reduce",
  want: { kind: "slice", part: { bits: 3, prefix: 5 }, basis: "b1" },
};

const FINISHED: readonly FinishedVertex[] = [
  {
    vertex: { kind: "range", file: 3, level: 1, index: 2 },
    node: "one" as NodeId,
    bytes: 5_000_000_000,
    groups: 7,
    basis: "b1",
  },
  { vertex: { kind: "files", level: 2, index: 0 }, node: "two" as NodeId, bytes: 96, groups: 0, basis: "b2" },
];

const refuseAll: ExchangeHandlers = {
  onPull: (_request, responder) => {
    responder.fail("declined", "this test pulls nothing");
    return () => undefined;
  },
  onReplicate: (_record, done) => done(false),
  onFetchRecord: (_id, done) => done(undefined),
  onDescribe: (_question, done) => done([]),
};

type PullOutcome =
  | { readonly kind: "partial"; readonly partial: Uint8Array; readonly origin: PartialOrigin }
  | { readonly kind: "failure"; readonly failure: string; readonly detail: string };

function pull(
  pair: ExchangePair,
  request: PullRequest,
  onProgress: (progress: PullProgress) => void = () => undefined,
) {
  return new Promise<PullOutcome>((resolve) => {
    pair.caller.pull(pair.member, request, {
      onProgress,
      onPartial: (partial, origin) => resolve({ kind: "partial", partial, origin }),
      onFailure: (failure, detail) => resolve({ kind: "failure", failure, detail }),
    });
  });
}

/** Bytes that differ from place to place, so that a swapped or repeated frame shows. */
function pattern(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let index = 0; index < length; index += 1) bytes[index] = (index * 31 + (index >>> 12)) & 0xff;
  return bytes;
}

const sameBytes = (left: Uint8Array, right: Uint8Array): boolean => Buffer.compare(left, right) === 0;

export function exchangeContract(name: string, open: () => Promise<ExchangePair>, wanted = REQUEST): void {
  describe(`the exchange over ${name}`, () => {
    let pair: ExchangePair | undefined;
    const start = async (handlers: Partial<ExchangeHandlers>): Promise<ExchangePair> => {
      pair = await open();
      pair.caller.start(refuseAll);
      pair.server.start({ ...refuseAll, ...handlers });
      return pair;
    };
    afterEach(async () => {
      await pair?.close();
      pair = undefined;
    });

    test.each([0, 1, 1024 * 1024, 1024 * 1024 + 1, 9_000_001])(
      "delivers a partial of %i bytes whole",
      async (length) => {
        const partial = pattern(length);
        const asked: unknown[] = [];
        const nodes = await start({
          onPull: (request, responder) => {
            asked.push(request);
            responder.partial(partial, { isFound: true });
            return () => undefined;
          },
        });
        const outcome = await pull(nodes, wanted);
        expect(outcome.kind === "partial" && sameBytes(outcome.partial, partial)).toBe(true);
        expect(asked).toEqual([wanted]);
      },
    );

    test.each([{ isFound: true }, { isFound: false }, { isFound: true, coveredBytes: 5_000_000_000 }])(
      "says where the partial came from: %o",
      async (origin) => {
        const nodes = await start({
          onPull: (_request, responder) => {
            responder.partial(pattern(10), origin);
            return () => undefined;
          },
        });
        expect(await pull(nodes, wanted)).toMatchObject({ origin });
      },
    );

    test.each([
      { kind: "value", inlineBytes: 5_000_000_000 },
      { kind: "slice", part: { bits: 10, prefix: 1023 }, basis: "b1" },
      { kind: "slice", part: { bits: 0, prefix: 0 }, basis: "" },
      { kind: "part", part: { bits: 3, prefix: 5 }, finished: FINISHED },
    ] as const)("says what is wanted of a vertex: %o", async (want) => {
      const asked: unknown[] = [];
      const nodes = await start({
        onPull: (request, responder) => {
          asked.push(request.want);
          responder.fail("failed", "nothing");
          return () => undefined;
        },
      });
      await new Promise<void>((done) => {
        const [onProgress, onPartial, onFailure] = [() => undefined, () => done(), () => done()];
        const request = { ...wanted, kind: "reduce", want } as const;
        nodes.caller.pull(nodes.member, request, { onProgress, onPartial, onFailure });
      });
      expect(asked).toEqual([want]);
    });

    test.each([true, false])("says where the partials lie that a vertex is made of, found: %o", async (isFound) => {
      const nodes = await start({
        onPull: (_request, responder) => {
          responder.places(FINISHED, isFound);
          responder.partial(pattern(10), { isFound });
          return () => undefined;
        },
      });
      const outcomes: unknown[] = [];
      await new Promise<void>((done) => {
        nodes.caller.pull(nodes.member, wanted, {
          onProgress: () => undefined,
          onPlaces: (...places) => {
            outcomes.push(places);
            done();
          },
          onPartial: () => outcomes.push("partial"),
          onFailure: (failure) => outcomes.push(failure),
        });
      });
      expect(outcomes).toEqual([[FINISHED, isFound]]);
    });

    test("asks for a preview where that is wanted, and only there", async () => {
      const asked: unknown[] = [];
      const nodes = await start({
        onPull: (request, responder) => {
          asked.push(request.previewMs);
          responder.fail("failed", "nothing");
          return () => undefined;
        },
      });
      for (const request of [wanted, { ...wanted, previewMs: 700 }]) {
        await new Promise<void>((done) => {
          const [onProgress, onPartial, onFailure] = [() => undefined, () => done(), () => done()];
          nodes.caller.pull(nodes.member, request, { onProgress, onPartial, onFailure });
        });
      }
      expect(asked).toEqual([undefined, 700]);
    });

    test("reports progress before the outcome, and nothing after it", async () => {
      const seen: PullProgress[] = [];
      const nodes = await start({
        onPull: (_request, responder) => {
          responder.progress({ doneBytes: 10, queuedBytes: 5_000_000_000, isWaiting: true, activity: 7 });
          responder.progress({ doneBytes: 20, queuedBytes: 0, isWaiting: false, activity: 20 });
          responder.partial(pattern(10), { isFound: false });
          responder.progress({ doneBytes: 30, queuedBytes: 0, isWaiting: false, activity: 30 });
          responder.fail("failed", "too late");
          return () => undefined;
        },
      });
      const outcome = await pull(nodes, wanted, (progress) => seen.push(progress));
      expect(outcome.kind).toBe("partial");
      expect(seen).toEqual([
        { doneBytes: 10, queuedBytes: 5_000_000_000, isWaiting: true, activity: 7 },
        { doneBytes: 20, queuedBytes: 0, isWaiting: false, activity: 20 },
      ]);
    });

    test.each(["unknown-job", "not-holder", "declined", "input-changed", "failed"] as const)(
      "passes the failure %s on with its detail",
      async (failure) => {
        const nodes = await start({
          onPull: (_request, responder) => {
            responder.fail(failure, "because");
            return () => undefined;
          },
        });
        expect(await pull(nodes, wanted)).toEqual({ kind: "failure", failure, detail: "because" });
      },
    );

    test("tells the serving node that the puller withdrew", async () => {
      let pulled: () => void = () => undefined;
      const started = new Promise<void>((resolve) => {
        pulled = resolve;
      });
      let withdrawn: () => void = () => undefined;
      const gone = new Promise<void>((resolve) => {
        withdrawn = resolve;
      });
      const nodes = await start({
        onPull: () => {
          pulled();
          return withdrawn;
        },
      });
      const outcomes: string[] = [];
      const cancel = nodes.caller.pull(nodes.member, wanted, {
        onProgress: () => outcomes.push("progress"),
        onPartial: () => outcomes.push("partial"),
        onFailure: (failure) => outcomes.push(failure),
      });
      await started;
      cancel();
      cancel();
      await gone;
      expect(outcomes).toEqual([]);
    });

    test("calls a pull unreachable when the node dies in the middle of it", async () => {
      const nodes = await start({
        onPull: (_request, responder) => {
          responder.progress({ doneBytes: 1, queuedBytes: 1, isWaiting: false, activity: 1 });
          return () => undefined;
        },
      });
      const outcome = await new Promise<PullOutcome>((resolve) => {
        nodes.caller.pull(nodes.member, wanted, {
          onProgress: () => void nodes.kill(),
          onPartial: (partial, origin) => resolve({ kind: "partial", partial, origin }),
          onFailure: (failure, detail) => resolve({ kind: "failure", failure, detail }),
        });
      });
      expect(outcome).toMatchObject({ kind: "failure", failure: "unreachable" });
    });

    test("finds a node that is gone unreachable for every call", async () => {
      const nodes = await start({});
      await nodes.kill();
      expect(await pull(nodes, wanted)).toMatchObject({ kind: "failure", failure: "unreachable" });
      const { caller, member } = nodes;
      expect(await new Promise((done) => caller.replicate(member, pattern(10), done))).toBe("unreachable");
      expect(await new Promise((done) => caller.fetchRecord(member, JOB, done))).toBe("unreachable");
      expect(
        await new Promise((done) => caller.describe(member, { source: "web", glob: "*", detail: "versions" }, done)),
      ).toBe("unreachable");
    });

    test.each([0, 77, 3 * 1024 * 1024 + 5])(
      "replicates a record of %i bytes and hears whether it is durable",
      async (length) => {
        const record = pattern(length);
        const arrived: Uint8Array[] = [];
        const nodes = await start({
          onReplicate: (copy, done) => {
            arrived.push(copy);
            done(arrived.length === 1);
          },
        });
        const { caller, member } = nodes;
        expect(await new Promise((done) => caller.replicate(member, record, done))).toBe(true);
        expect(await new Promise((done) => caller.replicate(member, record, done))).toBe(false);
        expect(arrived.map((copy) => sameBytes(copy, record))).toEqual([true, true]);
      },
    );

    test("fetches a record, and knows one that does not exist from a node that does not answer", async () => {
      const record = pattern(2 * 1024 * 1024);
      const nodes = await start({ onFetchRecord: (id, done) => done(id === JOB ? record : undefined) });
      const fetch = (id: JobId) =>
        new Promise<Uint8Array | string | undefined>((done) => nodes.caller.fetchRecord(nodes.member, id, done));
      const found = await fetch(JOB);
      expect(found instanceof Uint8Array && sameBytes(found, record)).toBe(true);
      expect(await fetch("ffffffffffffffffffff" as JobId)).toBeUndefined();
    });

    test("describes files with all their digests", async () => {
      const file = (path: string, leaves: number): FileDescription => ({
        path,
        size: leaves * 1024 * 1024,
        scanSize: leaves * 1024 * 1024 - 3,
        sealedSize: leaves * 1024 * 1024 - 4,
        mtimeMs: 1_700_000_000_123.25,
        format: "combined",
        leafDigests: Array.from({ length: leaves }, (_, leaf) => leaf.toString(16).padStart(32, "0") as Digest),
      });
      const locked = { ...file("locked.log", 0), problem: "cannot be opened" };
      const files = [file("empty.log", 0), locked, file("a b/ü.log", 1), file("large.log", 70_000)];
      const asked: string[] = [];
      const nodes = await start({
        onDescribe: ({ source, glob, detail }, done) => {
          asked.push(`${detail} of ${source}:${glob}`);
          done(files);
        },
      });
      for (const detail of ["versions", "names"] as const) {
        const question = { source: "web", glob: "**/*.log", detail };
        expect(await new Promise((done) => nodes.caller.describe(nodes.member, question, done))).toEqual(files);
      }
      expect(asked).toEqual(["versions of web:**/*.log", "names of web:**/*.log"]);
    });

    test("serves many pulls at once, each with its own answer", async () => {
      const nodes = await start({
        onPull: (request, responder: PullResponder) => {
          responder.partial(new TextEncoder().encode(request.vertex), { isFound: false });
          return () => undefined;
        },
      });
      const vertices = Array.from({ length: 200 }, (_, index) => `r${index}.0.0`);
      const answers = await Promise.all(
        vertices.map(
          (vertex) =>
            new Promise<string>((resolve) => {
              nodes.caller.pull(
                nodes.member,
                { ...wanted, vertex },
                {
                  onProgress: () => undefined,
                  onPartial: (partial) => resolve(new TextDecoder().decode(partial)),
                  onFailure: (failure) => resolve(failure),
                },
              );
            }),
        ),
      );
      expect(answers).toEqual(vertices);
    });

    test("answers the others when one of several pulls is withdrawn", async () => {
      const nodes = await start({
        onPull: (request, responder) => {
          if (request.vertex !== "r1.0.0") responder.partial(pattern(7), { isFound: true });
          return () => undefined;
        },
      });
      const ask = (vertex: string, onEnd: (outcome: string) => void) =>
        nodes.caller.pull(
          nodes.member,
          { ...wanted, vertex },
          {
            onProgress: () => undefined,
            onPartial: () => onEnd(vertex),
            onFailure: (failure) => onEnd(failure),
          },
        );
      const outcomes: string[] = [];
      const withdraw = ask("r1.0.0", (outcome) => outcomes.push(outcome));
      await new Promise<void>((done) => {
        ask("r2.0.0", (outcome) => {
          outcomes.push(outcome);
          withdraw();
          ask("r3.0.0", (last) => {
            outcomes.push(last);
            done();
          });
        });
      });
      expect(outcomes).toEqual(["r2.0.0", "r3.0.0"]);
    });
  });
}
