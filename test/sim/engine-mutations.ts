/** Bugs in how vertices come to be: whom to ask, what to merge, which bytes to count, when a value still holds. */

import { digestOf } from "../../src/base/digest.js";
import type { VertexKey } from "../../src/base/ids.js";
import { Placement } from "../../src/cluster/placement/placement.js";
import { Cover } from "../../src/cluster/reduction/cover.js";
import { VertexFetch } from "../../src/cluster/reduction/vertex-fetch.js";
import { vertexName } from "../../src/job/tree.js";
import { VertexKeys } from "../../src/job/vertex-key.js";
import type { OpenOutcome } from "../../src/node/ports/source-catalog.js";
import { type NamedMutation, replaceGetter, replaceMethod, replacing } from "./mutation.js";
import { ONE_GREY_LINK } from "./record-mutations.js";
import { CALM, type SimOptions } from "./sim-options.js";

const NEVER_MS = Number.POSITIVE_INFINITY;

const WRONG_VALUE =
  /wrong value|another value|wrongly|merges a partial of|has no answer|previewed .* with lines that it should not have/;
/** Enough files and leaves for a tree of several levels. */
const PEACE: Partial<SimOptions> = { ...CALM, nodes: 5, files: 3, maxFileLeaves: 40 };

export const ENGINE_MUTATIONS: { readonly [name: string]: NamedMutation } = {
  "no asking elsewhere": {
    protocol: { pullSilenceMs: NEVER_MS, pullStallMs: NEVER_MS },
    options: { ...ONE_GREY_LINK, loss: 0.2, hasPrivateFiles: false },
    found: /has no answer/,
    withinSeeds: 200,
  },
  "no other owner to ask": {
    patch: () =>
      replaceMethod(
        Placement,
        "candidatesOf",
        (candidatesOf) =>
          function onlyOwner(this: Placement, vertex) {
            return candidatesOf.call(this, vertex).slice(0, 1);
          },
      ),
    options: { ...ONE_GREY_LINK, hasPrivateFiles: false, files: 4, maxFileLeaves: 40, nodes: 3 },
    found: /has no answer/,
    withinSeeds: 200,
  },
  "a slow node that nobody stands in for": {
    protocol: { paceMs: NEVER_MS },
    options: { ...CALM, nodes: 3, files: 2, maxFileLeaves: 40, jobs: 3, slowNodes: 2, calmMs: 100 },
    found: /has no answer/,
    withinSeeds: 400,
  },
  "asking elsewhere by elapsed time": {
    patch: () =>
      replaceMethod(
        VertexFetch,
        "heard",
        (heard) =>
          function asSilent(this: VertexFetch, attempt, progress, nowMs) {
            const unwanted = heard.call(this, attempt, progress, nowMs);
            attempt.advancedAtMs = attempt.startedAtMs;
            return unwanted;
          },
      ),
    protocol: { pullStallMs: 2000 },
    options: { ...PEACE, jobs: 3 },
    found: /nothing went wrong, and/,
    withinSeeds: 400,
  },
  "a child merged twice": {
    decorate: (ports) => ({
      ...ports,
      mapPool: replacing(ports.mapPool, {
        merge: (map, partials, events) => ports.mapPool.merge(map, [...partials, ...partials.slice(0, 1)], events),
      }),
    }),
    options: PEACE,
    found: WRONG_VALUE,
    withinSeeds: 20,
  },
  "a slice counted twice in a part": {
    decorate: (ports) => ({
      ...ports,
      mapPool: replacing(ports.mapPool, {
        merge: (map, partials, events, first) => {
          const twice = first === undefined ? partials : [...partials, ...partials.slice(0, 1)];
          return ports.mapPool.merge(map, twice, events, first);
        },
      }),
    }),
    options: { ...PEACE, inlineBytes: 1 },
    found: WRONG_VALUE,
    withinSeeds: 20,
  },
  "a part counted twice": {
    decorate: (ports) => ({
      ...ports,
      exchange: replacing(ports.exchange, {
        pull: (from, request, events) => {
          const { want } = request;
          if (want?.kind !== "part") return ports.exchange.pull(from, request, events);
          const first = { ...want, part: { ...want.part, prefix: 0 } };
          return ports.exchange.pull(from, { ...request, want: first }, events);
        },
      }),
    }),
    options: { ...PEACE, inlineBytes: 1 },
    found: WRONG_VALUE,
    withinSeeds: 20,
  },
  "a child left out": {
    decorate: (ports) => ({
      ...ports,
      mapPool: replacing(ports.mapPool, {
        merge: (map, partials, events) => ports.mapPool.merge(map, partials.slice(1), events),
      }),
    }),
    options: PEACE,
    found: WRONG_VALUE,
    withinSeeds: 20,
  },
  "a line at a range border counted twice": {
    decorate: (ports) => ({
      ...ports,
      mapPool: replacing(ports.mapPool, {
        scan: ({ work, map, ranges }, events) => {
          const longer = ranges.map((range) => (range.end < range.scanSize ? { ...range, end: range.end + 1 } : range));
          return ports.mapPool.scan({ work, map, ranges: longer }, events);
        },
      }),
    }),
    options: PEACE,
    found: WRONG_VALUE,
    withinSeeds: 20,
  },
  "input not checked again after the scan": {
    decorate: (ports) => {
      const opened = new Map<unknown, OpenOutcome>();
      return {
        ...ports,
        catalog: replacing(ports.catalog, {
          open: (file, done) => {
            const known = opened.get(file);
            if (known !== undefined) return done(known);
            ports.catalog.open(file, (found) => {
              if (typeof found !== "string") opened.set(file, found);
              done(found);
            });
          },
        }),
      };
    },
    options: { ...PEACE, rewrites: 2 },
    found: WRONG_VALUE,
    withinSeeds: 200,
  },
  "keys that do not name the content": {
    patch: () =>
      replaceMethod(VertexKeys, "keyOf", () => (vertex) => digestOf(vertexName(vertex)) as string as VertexKey),
    options: { ...PEACE, rewrites: 2, jobs: 3 },
    found: WRONG_VALUE,
    withinSeeds: 100,
  },
  "a node that does not decline another version": {
    saysAnyVersion: true,
    options: { otherVersions: 2, hasPrivateFiles: false, nodes: 6 },
    found: WRONG_VALUE,
    withinSeeds: 20,
  },
  "a cover that does not name what it lacks": {
    patch: () => replaceGetter(Cover, "missingFiles", () => []),
    options: { ...CALM, nodes: 5, files: 4, gone: 1, hasPrivateFiles: true, calmMs: 1000 },
    found: /wrongly|without naming a file|coverage/,
    withinSeeds: 100,
  },
  "checksums that nobody checks": {
    disk: { isTrusting: true },
    options: { bitFlips: 6, crashes: 4, tornWrites: 0.5 },
    found: /checksum|does not hold|wrong|copies|no answer|lost|views|no host/,
    withinSeeds: 200,
  },
};
