/** Bugs in what becomes of job records: copies, acknowledgements, tombstones, the order of states. */

import { JobCore } from "../../src/cluster/job/job-core.js";
import { JobTable } from "../../src/cluster/job/job-table.js";
import { type NamedMutation, replaceMethod, replacing } from "./mutation.js";
import { CALM, type SimOptions } from "./sim-options.js";

const NEVER_MS = Number.POSITIVE_INFINITY;

/** One link grey, some files held by one node alone, and otherwise peace. */
export const ONE_GREY_LINK: Partial<SimOptions> = {
  ...CALM,
  nodes: 4,
  greyLinks: 1,
  hasPrivateFiles: true,
  calmMs: 100,
  faultsEndMs: 8000,
};

export const RECORD_MUTATIONS: { readonly [name: string]: NamedMutation } = {
  "no root takeover": {
    protocol: { rankDelayMs: NEVER_MS, rankDelayMaxMs: NEVER_MS },
    options: ONE_GREY_LINK,
    found: /has no answer/,
    withinSeeds: 200,
  },
  "no repeated replication": {
    protocol: { replicateMs: NEVER_MS },
    options: { loss: 0.2, diskLosses: 1 },
    found: /has no answer|durable ones in the end|has \d copies/,
    withinSeeds: 50,
  },
  "copies counted when they are sent": {
    decorate: (ports) => ({
      ...ports,
      exchange: replacing(ports.exchange, {
        replicate: (to, record, done) => {
          done(true);
          ports.exchange.replicate(to, record, () => undefined);
        },
      }),
    }),
    options: { ...CALM, nodes: 5, loss: 0.2, fsyncMs: 500, afterAcknowledge: 1 },
    found: /acknowledged with \d copies/,
    withinSeeds: 50,
  },
  "acknowledging before fsync": {
    disk: { lies: true },
    options: { afterAcknowledge: 1, fsyncMs: 500 },
    found: /acknowledged with \d copies/,
    withinSeeds: 50,
  },
  "an end shown before it is durable": {
    patch: () =>
      replaceMethod(
        JobCore,
        "shownRecord",
        () =>
          function workingRecord(this: JobCore, id) {
            return this.workingRecord(id);
          },
      ),
    options: { ...CALM, nodes: 5, fsyncMs: 800, jobs: 3 },
    found: /and no disk has it/,
    withinSeeds: 200,
  },
  "the last writer wins": {
    patch: () =>
      replaceMethod(JobTable, "improve", () => (entry, record) => {
        entry.record = record;
      }),
    options: { crashes: 3, loss: 0.1 },
    found: /stores job|showed job|no answer|has \d copies/,
    withinSeeds: 50,
  },
  "a lost tombstone": {
    patch: () => replaceMethod(JobTable, "refusesRetired", () => () => false),
    options: { ...CALM, nodes: 6, retentionMs: 3000, crashes: 4, partitions: 2, pauses: 2, faultsEndMs: 20_000 },
    found: /let job \w+ go and keeps it again/,
    withinSeeds: 400,
  },
};
