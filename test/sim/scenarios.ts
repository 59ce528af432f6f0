/** Bugs that the simulator found, each with the rule that mends it taken away again and the least that shows it. */

import { JobTable } from "../../src/cluster/job/job-table.js";
import { VertexWorker } from "../../src/node/driver/vertex-worker.js";
import { type NamedMutation, replaceMethod, replacing } from "./mutation.js";
import { CALM } from "./sim-options.js";

export const SCENARIOS: { readonly [name: string]: NamedMutation } = {
  "a pull that comes before the news of its job has somebody else scan": {
    decorate: (ports) => ({
      ...ports,
      exchange: replacing(ports.exchange, {
        pull: (from, request, events) =>
          ports.exchange.pull(from, request, {
            onProgress: (progress) => events.onProgress(progress),
            onPartial: (...given) => events.onPartial(...given),
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
