/** Why a plan cannot be run by the kernels, or stopped while it ran. */

export type PlanErrorCode =
  | "unsupported-function"
  | "unsupported-type"
  | "too-many-keys"
  | "too-many-rows"
  | "overflow";

export class PlanError extends Error {
  readonly code: PlanErrorCode;

  constructor(code: PlanErrorCode, message: string) {
    super(message);
    this.name = "PlanError";
    this.code = code;
  }
}
