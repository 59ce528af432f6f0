/** Short forms of scalar functions whose value is NULL where an argument is. */

import type { Value } from "../../../job/result.js";
import type { ValueType } from "../../plan.js";
import type { ScalarFunction } from "../scalar-function.js";

type Present = Exclude<Value, null>;

/**
 * A function that is called by its name and computed once for each distinct list of arguments. `types` are those of its
 * arguments, of which the ones from `least` on may be left out.
 */
export const onPresent = (
  name: string,
  types: readonly ValueType[],
  result: ValueType,
  compute: (...values: readonly Present[]) => Value,
  least = types.length,
): ScalarFunction => ({
  name,
  rule: { kind: "exactly", types, least },
  resultType: () => result,
  evaluate: (values) => {
    const present = values.filter((value): value is Present => value !== null);
    return present.length < values.length ? null : compute(...present);
  },
  callable: true,
  inKernels: false,
});

/** A function of one text. */
export const onOneText = (name: string, result: ValueType, compute: (text: string) => Value): ScalarFunction =>
  onPresent(name, ["string"], result, (text) => compute(String(text)));
