/** Bugs that the simulator found, each with the rule that mends it taken away again and the least that shows it. */

import { nodeId, type VertexKey } from "../../src/base/ids.js";
import { JobTable } from "../../src/cluster/job/job-table.js";
import { VertexFetch } from "../../src/cluster/reduction/vertex-fetch.js";
import { VertexTasks } from "../../src/cluster/reduction/vertex-tasks.js";
import { ScanLooks } from "../../src/node/driver/scan-looks.js";
import { VertexWorker } from "../../src/node/driver/vertex-worker.js";
import type { Exchange } from "../../src/node/ports/exchange.js";
import type { Store } from "../../src/node/ports/store.js";
import { type NamedMutation, replaceMethod, replacing } from "./mutation.js";
import { CALM } from "./sim-options.js";

const LOSSES = 5;

/** Every value that it says that it has is not there the first few times that it is read. */
function losingStore(store: Store): Store {
  const losses = new Map<VertexKey, number>();
  return replacing(store, {
    hasVertex: (key) => store.getVertex(key) !== undefined,
    getVertex: (key) => {
      const lost = (losses.get(key) ?? 0) + 1;
      losses.set(key, lost);
      return lost > LOSSES ? store.getVertex(key) : undefined;
    },
  });
}

/** The first time that it asks for a vertex, the question is lost on its way. */
function forgetfulExchange(exchange: Exchange): Exchange {
  const asked = new Set<string>();
  return replacing(exchange, {
    pull: (from, request, events) => {
      if (asked.has(request.vertex)) return exchange.pull(from, request, events);
      asked.add(request.vertex);
      return () => undefined;
    },
  });
}

/** Spans that a slow node takes long for. */
const SLOW = { ...CALM, maxFileLeaves: 40, jobs: 3, calmMs: 100 } as const;

const REWRITES_BEHIND_A_GREY_LINK = { rewrites: 6, greyLinks: 1, partitions: 3, calmMs: 100 } as const;

export const SCENARIOS: { readonly [name: string]: NamedMutation } = {
  "a pull that comes before the news of its job has somebody else scan": {
    decorate: (ports) => ({
      ...ports,
      exchange: replacing(ports.exchange, {
        pull: (from, request, events) =>
          ports.exchange.pull(from, request, {
            onProgress: (progress) => events.onProgress(progress),
            onPartial: (...given) => events.onPartial(...given),
            onPlaces: (...given) => events.onPlaces?.(...given),
            onFailure: (failure, detail) =>
              events.onFailure(failure === "unknown-job" ? "unreachable" : failure, detail),
          }),
      }),
    }),
    options: { ...CALM, nodes: 5, files: 3, maxFileLeaves: 40, jobs: 3 },
    found: /nothing went wrong, and/,
    withinSeeds: 100,
  },
  "a straggler begins a job anew that everyone had let go": {
    patch: () => replaceMethod(JobTable, "isRetired", () => () => false),
    options: { ...CALM, nodes: 6, retentionMs: 3000, crashes: 4, partitions: 2, pauses: 2, faultsEndMs: 20_000 },
    found: /let job \w+ go and keeps it again/,
    withinSeeds: 200,
  },
  "a child's value that the store lost before its merge fails the job": {
    patch: () =>
      replaceMethod(
        VertexTasks,
        "childrenLost",
        () =>
          function giveUp(this: VertexTasks, key) {
            this.failed(key, "failed", "lost");
          },
      ),
    decorate: (ports) => ({ ...ports, store: losingStore(ports.store) }),
    options: { ...CALM, nodes: 2, jobs: 3, files: 3, maxFileLeaves: 40, appends: 1 },
    found: /ended FAILED: lost/,
    withinSeeds: 100,
  },
  "a higher vertex is given up only by all, and some cannot reach the holder that changed": {
    patch: () =>
      replaceMethod(
        VertexFetch,
        "verdict",
        (verdict) =>
          function asOfSpans(this: VertexFetch, view, failFast) {
            const { isSpan } = this;
            Object.assign(this, { isSpan: true });
            const found = verdict.call(this, view, failFast);
            Object.assign(this, { isSpan });
            return found;
          },
      ),
    options: { ...CALM, nodes: 3, files: 2, maxFileLeaves: 40, rewrites: 2, greyLinks: 1, calmMs: 100 },
    found: /has no answer/,
    withinSeeds: 400,
  },
  "whoever looked for itself that the input changed waits for those who cannot reach a holder": {
    patch: () => {
      const putBack = [
        replaceMethod(VertexFetch, "isOwnWordDue", () => () => false),
        replaceMethod(
          VertexFetch,
          "verdict",
          (verdict) =>
            function likeAnyOther(this: VertexFetch, view, failFast) {
              return verdict.call(this, { ...view, self: nodeId("nobody") }, failFast);
            },
        ),
      ];
      return () => {
        for (const restore of putBack) restore();
      };
    },
    options: {
      ...CALM,
      nodes: 7,
      files: 2,
      maxFileLeaves: 40,
      jobs: 3,
      inlineBytes: 170,
      ...REWRITES_BEHIND_A_GREY_LINK,
    },
    found: /has no answer/,
    withinSeeds: 20,
  },
  "a slow span is left alone because one who was asked before has not said a word": {
    patch: () =>
      replaceMethod(
        VertexFetch,
        "heardOf",
        () =>
          function ofAll(this: VertexFetch) {
            return this.attempts;
          },
      ),
    decorate: (ports) => ({ ...ports, exchange: forgetfulExchange(ports.exchange) }),
    options: { ...SLOW, nodes: 3, files: 2, slowNodes: 2, faultsEndMs: 4000 },
    found: /has no answer/,
    withinSeeds: 200,
  },
  "a slow node reads a large span of a file that was cut to its end": {
    patch: () => replaceMethod(ScanLooks, "isDue", () => () => false),
    options: { ...SLOW, nodes: 3, files: 1, truncations: 2, slowNodes: 2 },
    found: /has no answer/,
    withinSeeds: 400,
  },
  "a root's value that the store lost fails the job": {
    patch: () =>
      replaceMethod(
        VertexWorker,
        "finish",
        (finish) =>
          function giveUp(this: VertexWorker, key, manifest, events) {
            if (!finish.call(this, key, manifest, events)) events.onFailed(new Error("lost"));
            return true;
          },
      ),
    options: { ...CALM, nodes: 2, jobs: 3, brokenDisks: 8, maxFileLeaves: 1, files: 1, calmMs: 100 },
    found: /ended FAILED: lost/,
    withinSeeds: 400,
  },
};
