/** Why a scalar function has no value for its arguments. */

export type ScalarErrorCode = "overflow";

export class ScalarError extends Error {
  readonly code: ScalarErrorCode;

  constructor(code: ScalarErrorCode, message: string) {
    super(message);
    this.name = "ScalarError";
    this.code = code;
  }
}
