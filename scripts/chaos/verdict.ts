/** Judges what became of a question: exact, correctly marked, or a violation. Pure but for the answers it asks for. */

import type { JobStatus } from "../../src/job/status.js";

/** `lost`: no node knows the job, and as many disks were lost as its acknowledgement promised to be enough. */
export type Verdict =
  | { readonly kind: "exact" | "incomplete" | "input-changed" | "deadline" | "cancelled" | "lost" }
  | { readonly kind: "violation"; readonly what: string };

/** How a job ended, as one node told it. `text` is its table; undefined where it has none. */
export interface JobEnd {
  readonly status: Pick<JobStatus, "state" | "coverage" | "missing" | "error">;
  readonly text: string | undefined;
}

/** What is right, and what may have been in the way. */
export interface Circumstances {
  readonly allowIncomplete: boolean;
  readonly isCancelled: boolean;
  /** The log was rotated, truncated or rewritten between the submit and the end. */
  readonly isChanged: boolean;
  /** A node with files of its own was away at some time: killed, frozen, or cut off. */
  readonly isHolderAway: boolean;
  /** Every answer that is right for all that was asked for. */
  readonly whole: () => Promise<readonly string[]>;
  /** Those that are right without the files of these names, as the status gives them. */
  readonly without: (missing: readonly string[]) => Promise<readonly string[]>;
}

const CHANGED = /changed while the job read it|is missing or shorter than when the job was planned/;
const DEADLINE = /^the deadline of .* passed/;

const violation = (what: string): Verdict => ({ kind: "violation", what });

export async function judge({ status, text }: JobEnd, facts: Circumstances): Promise<Verdict> {
  switch (status.state) {
    case "COMPLETED":
      return await judgeCompleted(status, text, await facts.whole());
    case "INCOMPLETE":
      return await judgeIncomplete(status, text, facts);
    case "FAILED":
      return judgeFailed(status.error ?? "", facts);
    case "CANCELLED":
      return facts.isCancelled ? { kind: "cancelled" } : violation("it is CANCELLED, and nobody cancelled it");
    case "RUNNING":
      return violation("it still runs");
  }
}

async function judgeCompleted(
  { coverage, missing }: JobEnd["status"],
  text: string | undefined,
  whole: readonly string[],
): Promise<Verdict> {
  if (coverage !== 1 || missing.length > 0) {
    return violation(`it is COMPLETED with coverage ${coverage} and lacks [${missing.join(", ")}]`);
  }
  if (text === undefined) return violation("it is COMPLETED, and has no result");
  return whole.includes(text) ? { kind: "exact" } : wrong(text, whole);
}

async function judgeIncomplete(
  { coverage, missing }: JobEnd["status"],
  text: string | undefined,
  { allowIncomplete, isHolderAway, without }: Circumstances,
): Promise<Verdict> {
  if (!allowIncomplete) return violation("it is INCOMPLETE, which was not allowed");
  if (!isHolderAway) return violation(`it lacks ${missing.join(", ")}, and no holder was away`);
  if (coverage >= 1 || missing.length === 0 || text === undefined) {
    return violation(`it is INCOMPLETE with coverage ${coverage}, lacks [${missing.join(", ")}], result ${text}`);
  }
  const right = await without(missing);
  return right.includes(text) ? { kind: "incomplete" } : wrong(text, right);
}

function judgeFailed(error: string, { isChanged, isHolderAway }: Circumstances): Verdict {
  if (CHANGED.test(error) && isChanged) return { kind: "input-changed" };
  if (DEADLINE.test(error) && (isChanged || isHolderAway)) return { kind: "deadline" };
  return violation(`it FAILED, for no reason that this schedule gives: ${error}`);
}

const SHOWN_CHARACTERS = 600;

function wrong(text: string, right: readonly string[]): Verdict {
  const shown = right.map((one) => `  or rather ${one.slice(0, SHOWN_CHARACTERS)}`);
  return violation(["the answer is wrong:", `  ${text.slice(0, SHOWN_CHARACTERS)}`, ...shown].join("\n"));
}
