/** Fits the keys of a row query into the number that rows have room for: what is only shown travels packed. */

import type { Expression, ValueType } from "../plan.js";
import { call } from "./canonical.js";
import { literalOf } from "./literals.js";

/** Keys that a row can tell NULL from a value. */
const MOST_KEYS = 32;

export interface PackedKeys {
  readonly keys: readonly Expression[];
  /** Whether a key of the original list stands for itself. */
  isWhole(index: number): boolean;
  /** The expression with references to the original keys turned into ones to these. */
  rewrite(expression: Expression): Expression;
}

const keyAt = (type: ValueType, index: number): Expression => ({ kind: "key", type, index });

/** `isSorted`: keys by which rows are compared. They stay as they are. */
export function packKeys(keys: readonly Expression[], isSorted: (index: number) => boolean): PackedKeys {
  const isWhole = (index: number): boolean => keys.length <= MOST_KEYS || isSorted(index);
  const kept = keys.filter((_, index) => isWhole(index));
  const shown = keys.flatMap((key, index) => (isWhole(index) ? [] : [{ key, index }]));
  // Packs of packs, until there is room for all of them.
  let packs: readonly Pack[] = shown.map(({ key, index }) => ({ key, leaves: [{ index, read: (text) => text }] }));
  while (packs.length > 1 && kept.length + packs.length > MOST_KEYS) packs = packed(packs);
  const places = new Map<number, Expression>();
  for (const [place, index] of keys
    .map((_, index) => index)
    .filter(isWhole)
    .entries()) {
    places.set(index, keyAt(keys[index]?.type ?? "string", place));
  }
  for (const [number, { key, leaves }] of packs.entries()) {
    for (const { index, read } of leaves) places.set(index, read(keyAt(key.type, kept.length + number)));
  }
  const rewrite = (expression: Expression): Expression => {
    if (expression.kind === "key") return places.get(expression.index) ?? expression;
    return expression.kind === "call" ? { ...expression, arguments: expression.arguments.map(rewrite) } : expression;
  };
  return { keys: [...kept, ...packs.map(({ key }) => key)], isWhole, rewrite };
}

/** A key and how to get original keys out of it. */
interface Pack {
  readonly key: Expression;
  readonly leaves: readonly { readonly index: number; readonly read: (packed: Expression) => Expression }[];
}

function packed(parts: readonly Pack[]): readonly Pack[] {
  const packs: Pack[] = [];
  for (let first = 0; first < parts.length; first += MOST_KEYS) {
    const members = parts.slice(first, first + MOST_KEYS);
    packs.push({
      key: call("pack", "string", ...members.map(({ key }) => key)),
      leaves: members.flatMap(({ key, leaves }, place) =>
        leaves.map(({ index, read }) => ({
          index,
          read: (text: Expression) => read(call("unpack", key.type, text, literalOf("i64", BigInt(place)))),
        })),
      ),
    });
  }
  return packs;
}
