/** What happens in a schedule, as its seed says: who is asked what and when, which faults begin when and for how long. */

import { SeededRandom } from "../generate-log/random.js";
import type { DrawnFault, FaultKind } from "./fault.js";
import { FAULT_KINDS } from "./faults.js";
import type { Facility } from "./place.js";
import { drawQuestion, type Question, type SourceName } from "./questions.js";

/** At a time, or as soon as that question was taken by a node, or is being computed. */
export type Trigger =
  | { readonly kind: "time"; readonly atMs: number }
  | { readonly kind: "acknowledged" | "progress"; readonly asked: number };

export interface PlannedQuestion {
  readonly number: number;
  readonly atMs: number;
  /** The node that is asked. */
  readonly via: number;
  readonly question: Question;
  readonly allowIncomplete: boolean;
  readonly durability: number | undefined;
  /** Its client cancels it so long after it was acknowledged. */
  readonly cancelAfterMs: number | undefined;
}

export interface PlannedFault {
  readonly trigger: Trigger;
  readonly lastsMs: number;
  readonly fault: DrawnFault;
}

export interface Schedule {
  readonly seed: number;
  readonly lastsMs: number;
  readonly questions: readonly PlannedQuestion[];
  readonly faults: readonly PlannedFault[];
}

export interface ScheduleLimits {
  readonly nodes: number;
  readonly facilities: ReadonlySet<Facility>;
  /** Only these, where given. */
  readonly only: readonly string[] | undefined;
}

const LASTS_MS = [4_000, 7_000] as const;
const QUESTIONS = [4, 7] as const;
const FAULTS = [2, 5] as const;
/** Of ten schedules, so many do not have a given kind of fault. */
const ABSENT_OF_TEN = 3;
const SOURCES: readonly SourceName[] = ["web", "web", "web", "app", "app", "live"];
const FAULT_LASTS_MS = [300, 4_000] as const;

export function drawSchedule(seed: number, { nodes, facilities, only }: ScheduleLimits): Schedule {
  // A stream for each concern: another kind of fault does not change what is asked.
  const asking = new SeededRandom(seed);
  const harming = new SeededRandom(seed + 2 ** 32);
  const lastsMs = asking.between(...LASTS_MS);
  const questions = Array.from({ length: asking.between(...QUESTIONS) }, (_, number) =>
    drawPlannedQuestion(asking, number, nodes, lastsMs),
  );
  const kinds = FAULT_KINDS.filter(
    ({ kind, needs }) =>
      needs.every((facility) => facilities.has(facility)) && (only === undefined || only.includes(kind)),
  );
  const present = kinds.filter(() => harming.below(10) >= ABSENT_OF_TEN);
  const faults = drawFaults(harming, present.length === 0 ? kinds : present, questions.length, nodes, lastsMs);
  return { seed, lastsMs, questions, faults };
}

function drawPlannedQuestion(random: SeededRandom, number: number, nodes: number, lastsMs: number): PlannedQuestion {
  const source = SOURCES[random.below(SOURCES.length)] ?? "web";
  return {
    number,
    atMs: random.below(Math.round(lastsMs * 0.7)),
    via: random.below(nodes),
    question: drawQuestion(random, source),
    allowIncomplete: random.chance(0.5),
    durability: random.chance(0.3) ? random.between(2, 3) : undefined,
    cancelAfterMs: random.chance(0.05) ? random.below(500) : undefined,
  };
}

function drawFaults(
  random: SeededRandom,
  kinds: readonly FaultKind[],
  questions: number,
  nodes: number,
  lastsMs: number,
): readonly PlannedFault[] {
  const faults: PlannedFault[] = [];
  const taken = new Set<string>();
  const count = random.between(...FAULTS);
  for (let draw = 0; draw < count; draw += 1) {
    const kind = kinds[random.below(kinds.length)];
    const trigger = drawTrigger(random, questions, lastsMs);
    const faultLastsMs = random.between(...FAULT_LASTS_MS);
    const fault = kind?.draw(random, nodes);
    if (kind === undefined || fault === undefined || (kind.isOnce && taken.has(kind.kind))) continue;
    taken.add(kind.kind);
    faults.push({ trigger, lastsMs: faultLastsMs, fault });
  }
  return faults;
}

function drawTrigger(random: SeededRandom, questions: number, lastsMs: number): Trigger {
  const atMs = random.below(Math.round(lastsMs * 0.8));
  const asked = random.below(questions);
  const choice = random.below(4);
  if (choice === 0) return { kind: "acknowledged", asked };
  if (choice === 1) return { kind: "progress", asked };
  return { kind: "time", atMs };
}

/** The schedule as a person reads it. */
export function describeSchedule({ seed, lastsMs, questions, faults }: Schedule): string {
  const asked = questions.map(({ number, atMs, via, question, allowIncomplete, durability, cancelAfterMs }) => {
    const flags = [
      ...(allowIncomplete ? ["incomplete allowed"] : []),
      ...(durability === undefined ? [] : [`durability ${durability}`]),
      ...(cancelAfterMs === undefined ? [] : [`cancelled after ${cancelAfterMs} ms`]),
    ];
    return `  ${atMs} ms: question ${number} at node ${via}, ${question.source}: ${question.sql} ${flags.join(", ")}`;
  });
  const harm = faults.map(({ trigger, lastsMs: faultMs, fault }) => {
    const when = trigger.kind === "time" ? `${trigger.atMs} ms` : `question ${trigger.asked} in ${trigger.kind}`;
    return `  ${when}: ${fault.kind}, ${fault.detail}, for ${faultMs} ms`;
  });
  return [`schedule ${seed}, ${lastsMs} ms`, ...asked, ...harm].join("\n");
}
