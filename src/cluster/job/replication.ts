/**
 * Copies of job records: on this node's disk and at the current ring successors, and again wherever the current version
 * is not confirmed for the node's current life. Joins, lost messages and lost disks are all mended by the same repetition.
 * Whoever made the version sends it at once and tells the others who have it; they step in when that news does not come.
 */

import type { NodeId } from "../../base/ids.js";
import { lifeOf, type View } from "../member.js";
import { successorsOf } from "../placement/successors.js";
import type { Protocol } from "../protocol.js";
import type { CopiesUnderWay, Copying } from "./copies-under-way.js";
import { copyPlacesOf } from "./copy-places.js";
import { announcementOf, copyTargets, isRestless, type JobEntry, lacksCopies } from "./job-entry.js";
import type { JobEffect } from "./job-events.js";
import { recordVersion } from "./job-record.js";
export function replicationEffects(
  entry: JobEntry,
  view: View,
  protocol: Protocol,
  underWay: CopiesUnderWay,
  nowMs: number,
): JobEffect[] {
  if (!lacksCopies(entry, view)) return [];
  const version = recordVersion(entry.record);
  const effects: JobEffect[] = [];
  let isSettled = true;
  const targets = successorsOf(entry.id, view, copyTargets(entry, protocol)).filter((member) => member !== view.self);
  for (const to of [view.self, ...targets]) {
    const incarnation = incarnationOf(to, view);
    const copy = entry.copies.get(to);
    if (copy?.version === version && lifeOf(copy.incarnation) === lifeOf(incarnation)) continue;
    isSettled = false;
    const sentAtMs = entry.sentAtMs.get(to);
    if (sentAtMs !== undefined && nowMs - sentAtMs < protocol.replicateMs) continue;
    const isPatient = !entry.isMaker && to !== view.self && sentAtMs === undefined;
    if (!isPatient && to !== view.self && !underWay.begin(to, copyingOf(entry, version), nowMs)) continue;
    entry.sentAtMs.set(to, nowMs);
    if (isPatient) continue;
    const copied = { jobId: entry.id, record: entry.record, version };
    effects.push(to === view.self ? { kind: "store", ...copied } : { kind: "replicate", to, incarnation, ...copied });
  }
  if (!isSettled) return effects;
  entry.settledIn = copyPlacesOf(view);
  if (!entry.isMaker) return effects;
  const message = announcementOf(entry, view);
  // Only those who have a copy might make the same ones again.
  for (const to of targets) effects.push({ kind: "send", to, message });
  return effects;
}

const copyingOf = (entry: JobEntry, version: string): Copying => ({
  id: entry.id,
  version,
  resultBytes: entry.record.result?.sizeBytes ?? 0,
  isUrgent: isRestless(entry),
});

/** A node that came back may have lost its disk; this node's own copy is known first-hand, in any life. */
const incarnationOf = (id: NodeId, view: View): number =>
  id === view.self ? 0 : (view.members.find((member) => member.id === id)?.incarnation ?? 0);
