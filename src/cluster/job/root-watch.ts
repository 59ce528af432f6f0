/**
 * Who computes the root. The first alive member in ring order does, at once; the one of rank r does as well when published
 * coverage has not grown for r × 2 s. One who hears that another computes it, or cannot know because it has just joined,
 * counts one rank later. Two roots cost work and give the same answer; none would hang the job.
 */

import type { JobId } from "../../base/ids.js";
import type { View } from "../member.js";
import { rootRanks } from "../placement/successors.js";
import type { Protocol } from "../protocol.js";

/** How long coverage may stand still before the member of this rank starts the root. */
export const rootDelayMs = (rank: number, protocol: Protocol): number =>
  rank === 0 ? 0 : Math.min(rank * protocol.rankDelayMs, protocol.rankDelayMaxMs);

/**
 * Whether this node should start the root now. One that is not in its own ring, or has not joined yet and so sees only
 * itself, waits the longest.
 */
export function isRootDue(
  { id, isElsewhere }: { readonly id: JobId; readonly isElsewhere: boolean },
  view: View,
  joined: boolean,
  stillForMs: number,
  protocol: Protocol,
): boolean {
  const rank = rootRanks(id, view).indexOf(view.self) + Number(isElsewhere);
  const delayMs = rank < Number(isElsewhere) || !joined ? protocol.rankDelayMaxMs : rootDelayMs(rank, protocol);
  return stillForMs >= delayMs;
}
