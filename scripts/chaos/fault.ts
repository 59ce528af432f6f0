/** The contract of a fault kind: drawn from the seed, begun in an arena, ended again. */

import type { SeededRandom } from "../generate-log/random.js";
import type { Arena } from "./arena.js";
import type { ChaosNode } from "./chaos-node.js";
import type { LiveLog } from "./live-log.js";
import type { Facility } from "./place.js";

export interface FaultScene {
  readonly arena: Arena;
  readonly liveLog: LiveLog;
  /** The node that took the question which the fault is tied to, and the one that computes its root, where known. */
  readonly taker: ChaosNode | undefined;
  readonly root: ChaosNode | undefined;
}

/** One fault of a schedule, all its choices made. */
export interface DrawnFault {
  readonly kind: string;
  readonly detail: string;
  /** Whether a node may lose what it had on its disk. */
  readonly losesDisk: boolean;
  /** Begins; what it gives ends it again. Ends are safe in any order. */
  begin(scene: FaultScene): Promise<() => Promise<void>>;
}

export interface FaultKind {
  readonly kind: string;
  readonly needs: readonly Facility[];
  /** At most one in a schedule: more would take from an acknowledgement what it promised. */
  readonly isOnce: boolean;
  draw(random: SeededRandom, nodes: number): DrawnFault;
}

/** Which node a fault hits, when that follows from what goes on. */
export type Victim = { readonly kind: "taker" | "root" | "number"; readonly number: number };

export function drawVictim(random: SeededRandom, nodes: number): Victim {
  const number = random.below(nodes);
  return { kind: (["taker", "root", "number", "number"] as const)[random.below(4)] ?? "number", number };
}

export function victimOf({ kind, number }: Victim, { arena, taker, root }: FaultScene): ChaosNode | undefined {
  const bound = kind === "taker" ? taker : kind === "root" ? root : undefined;
  return bound ?? arena.nodes[number];
}

export const victimText = ({ kind, number }: Victim): string =>
  kind === "number" ? `node ${number}` : `the ${kind}, or node ${number}`;
