/** Failures of a pull on the wire. `unreachable` is not among them: it is what a caller says of a node it cannot hear. */

import { PullFailureCode } from "../../../generated/logmr/v1/exchange.js";
import type { PullFailure } from "../../ports/exchange.js";

const CODES = {
  "unknown-job": PullFailureCode.UNKNOWN_JOB,
  "not-holder": PullFailureCode.NOT_HOLDER,
  declined: PullFailureCode.DECLINED,
  "input-changed": PullFailureCode.INPUT_CHANGED,
  failed: PullFailureCode.FAILED,
  unreachable: PullFailureCode.FAILED,
} as const satisfies Record<PullFailure, PullFailureCode>;

export const pullFailureCode = (failure: PullFailure): PullFailureCode => CODES[failure];

/** Codes of a later version count as `failed`. */
export function pullFailureOf(code: PullFailureCode): PullFailure {
  const names = Object.keys(CODES) as PullFailure[];
  return names.find((name) => CODES[name] === code) ?? "failed";
}
