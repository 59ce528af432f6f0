/**
 * Copies of job records: on this node's disk and at the current ring successors at once, and again wherever the current
 * version is not confirmed for the node's current life. Joins, lost messages and lost disks are all mended by the same
 * repetition.
 */

import type { NodeId } from "../../base/ids.js";
import type { View } from "../member.js";
import { successorsOf } from "../placement/successors.js";
import type { Protocol } from "../protocol.js";
import { copyTargets, type JobEntry } from "./job-entry.js";
import type { JobEffect } from "./job-events.js";
import { recordVersion } from "./job-record.js";

export function replicationEffects(entry: JobEntry, view: View, protocol: Protocol, nowMs: number): JobEffect[] {
  if (!entry.kept || entry.settledIn === view) return [];
  const version = recordVersion(entry.record);
  const effects: JobEffect[] = [];
  let isSettled = true;
  const targets = successorsOf(entry.id, view, copyTargets(entry, protocol)).filter((member) => member !== view.self);
  for (const to of [view.self, ...targets]) {
    const incarnation = incarnationOf(to, view);
    const copy = entry.copies.get(to);
    if (copy?.version === version && copy.incarnation === incarnation) continue;
    isSettled = false;
    const sentAtMs = entry.sentAtMs.get(to);
    if (sentAtMs !== undefined && nowMs - sentAtMs < protocol.replicateMs) continue;
    entry.sentAtMs.set(to, nowMs);
    const copied = { jobId: entry.id, record: entry.record, version };
    effects.push(to === view.self ? { kind: "store", ...copied } : { kind: "replicate", to, incarnation, ...copied });
  }
  if (isSettled) entry.settledIn = view;
  return effects;
}

/** A node that came back may have lost its disk; this node's own copy is known first-hand, in any incarnation. */
const incarnationOf = (id: NodeId, view: View): number =>
  id === view.self ? 0 : (view.members.find((member) => member.id === id)?.incarnation ?? 0);
