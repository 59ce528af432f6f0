/**
 * What a node writes down of the jobs that have ended here, so that their day is a day of running and not one a start: how
 * long each was kept so far, and which were kept for their time already.
 */

import type { JobId } from "../../base/ids.js";

/** The store's name for it. */
export const JOB_MEMORY = "jobs";

export interface JobMemory {
  /** How long each ended job was kept, in milliseconds of running. */
  readonly ages: ReadonlyMap<JobId, number>;
  /** The manifests of jobs that are not taken again, oldest first. */
  readonly tombstones: ReadonlyMap<JobId, string>;
}

export const encodeJobMemory = ({ ages, tombstones }: JobMemory): Uint8Array =>
  new TextEncoder().encode(JSON.stringify({ ages: [...ages], tombstones: [...tombstones] }));

/** What is not well-formed, as another version may have written it, is left out. */
export function decodeJobMemory(bytes: Uint8Array): JobMemory {
  const { ages, tombstones } = fieldsOf(bytes);
  return {
    ages: new Map(pairsOf(ages, (age): age is number => typeof age === "number" && age >= 0)),
    tombstones: new Map(pairsOf(tombstones, (digest): digest is string => typeof digest === "string")),
  };
}

function fieldsOf(bytes: Uint8Array): { readonly ages?: unknown; readonly tombstones?: unknown } {
  try {
    const fields: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof fields === "object" && fields !== null ? fields : {};
  } catch {
    return {};
  }
}

function pairsOf<Value>(list: unknown, isValue: (value: unknown) => value is Value): readonly [JobId, Value][] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((pair: unknown) => {
    if (!Array.isArray(pair) || typeof pair[0] !== "string" || !isValue(pair[1])) return [];
    return [[pair[0] as JobId, pair[1]]];
  });
}
