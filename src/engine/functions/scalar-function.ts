/** What a scalar function is: its types for the binder, its meaning in JavaScript. */

import type { Value } from "../../job/result.js";
import type { ValueType } from "../plan.js";

/** What the argument types of a call must be; `same` is one type for all, already unified by the binder. */
export type ArgumentRule =
  /** One argument for each type, of which those from `least` on may be left out. */
  | { readonly kind: "exactly"; readonly types: readonly ValueType[]; readonly least?: number }
  | {
      readonly kind: "same";
      readonly least: number;
      readonly most: number;
      /** The types it takes; all, if it is absent. */
      readonly among?: readonly ValueType[];
    };

export interface CallTypes {
  readonly arguments: readonly ValueType[];
  readonly result: ValueType;
}

export interface ScalarFunction {
  readonly name: string;
  readonly rule: ArgumentRule;
  /** Type of the result, given the types of the arguments. */
  resultType(types: readonly ValueType[]): ValueType;
  /** `types` are the call's. Throws a `ScalarError` where SQL has no value (overflow). */
  evaluate(values: readonly Value[], types: CallTypes): Value;
  /** Written as `name(…)` in SQL; operators are not. */
  readonly callable: boolean;
  /** Whether kernels compute it for every row; the others are computed once for each distinct list of arguments. */
  readonly inKernels: boolean;
}
