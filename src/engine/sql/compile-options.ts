/** What the meaning of a query depends on besides its text. */

import type { ValueType } from "../plan.js";

export interface CompileOptions {
  /** What `now()` is, in milliseconds since 1970 UTC. */
  readonly nowMs: number;
  /** Only rows with `time` at or after it; milliseconds since 1970 UTC. */
  readonly sinceMs?: number;
  /** Only rows with `time` before it; milliseconds since 1970 UTC. */
  readonly untilMs?: number;
  /** The columns there are: the union of the fields of the files' formats. */
  readonly fields: readonly { readonly name: string; readonly type: ValueType }[];
}
