/**
 * Who computes the root. The first alive member in ring order does, at once; the one of rank r does as well when published
 * coverage has not grown for r × 2 s. One who hears that another computes it, or cannot know because it has just joined,
 * counts one rank later. Two roots cost work and give the same answer; none would hang the job.
 */

import type { JobId } from "../../base/ids.js";
import type { View } from "../member.js";
import { computes } from "../placement/ring.js";
import { rootRanks } from "../placement/successors.js";
import type { Protocol } from "../protocol.js";

/** How long coverage may stand still before the member of this rank starts the root. */
export const rootDelayMs = (rank: number, protocol: Protocol): number =>
  rank === 0 ? 0 : Math.min(rank * protocol.rankDelayMs, protocol.rankDelayMaxMs);

/** What the watch looks at of a job. `semanticsVersion`: who computes another one has no rank. */
interface Watched {
  readonly id: JobId;
  readonly isElsewhere: boolean;
  readonly semanticsVersion: number;
}

/**
 * Whether this node should start the root now. One that is not in its own ring, or has not joined yet and so sees only
 * itself, waits the longest; one of another semantics version never does.
 */
export function isRootDue(
  { id, isElsewhere, semanticsVersion }: Watched,
  view: View,
  joined: boolean,
  stillForMs: number,
  protocol: Protocol,
): boolean {
  const able = new Set(view.members.filter(computes(semanticsVersion)).map((member) => member.id));
  if (!able.has(view.self)) return false;
  const ranks = rootRanks(id, view).filter((member) => able.has(member));
  const rank = ranks.indexOf(view.self) + Number(isElsewhere);
  const delayMs = rank < Number(isElsewhere) || !joined ? protocol.rankDelayMaxMs : rootDelayMs(rank, protocol);
  return stillForMs >= delayMs;
}
