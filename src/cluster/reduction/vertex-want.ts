/** What is wanted of a vertex. */

import { canonicalJson } from "../../base/canonical-json.js";
import { digestOf } from "../../base/digest.js";
import type { Digest, VertexKey } from "../../base/ids.js";
import type { FinishedVertex, HashPart } from "../../job/hash-part.js";

export type VertexWant =
  /** Its partial. With `inlineBytes`, of a larger one only where it lies. */
  | { readonly kind: "value"; readonly inlineBytes?: number }
  /** Of its partial, which has this basis, the groups of a part. */
  | { readonly kind: "slice"; readonly part: HashPart; readonly basis: string }
  /**
   * Of a part of all groups, merged from the slices of what the vertex is made of, those that can be in the answer.
   * `finish` is the digest of what decides that.
   */
  | {
      readonly kind: "part";
      readonly part: HashPart;
      readonly finished: readonly FinishedVertex[];
      readonly finish: Digest;
    }
  /** Of a job's root, so many of the first rows of the input: computed by whoever needs them, never asked of another node. */
  | { readonly kind: "first"; readonly rows: number }
  /** The groups that can be in the answer, of all parts: there or not, never asked of another node. */
  | { readonly kind: "answer"; readonly finish: Digest };

export const WHOLE: VertexWant = { kind: "value" };

/** Whether whoever wants this has no use for the place of a partial. */
export const isWhole = (want: VertexWant): boolean => want.kind !== "value" || want.inlineBytes === undefined;

/** The key of what is wanted of the vertex with this key: equal keys mean equal bytes. */
export function keyOfWant(vertex: VertexKey, want: VertexWant): VertexKey {
  switch (want.kind) {
    case "value":
      return vertex;
    case "slice":
      return keyOf("slice", vertex, want.part, want.basis);
    case "part":
      return keyOf("part", vertex, want.part, basesOf(want.finished), want.finish);
    case "first":
      return keyOf("first", vertex, want.rows);
    case "answer":
      return keyOf("answer", vertex, want.finish);
  }
}

const keyOf = (...identity: readonly unknown[]): VertexKey => digestOf(canonicalJson(identity)) as string as VertexKey;

const known = new WeakMap<readonly FinishedVertex[], Digest>();

/** Where the partials lie decides nothing; which they are does. Computed once for all parts. */
function basesOf(finished: readonly FinishedVertex[]): Digest {
  const digest = known.get(finished) ?? digestOf(canonicalJson(finished.map(({ vertex, basis }) => [vertex, basis])));
  known.set(finished, digest);
  return digest;
}
