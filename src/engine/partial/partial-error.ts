/** Why bytes are not a partial aggregate of a plan. */

export type PartialErrorCode = "malformed" | "version" | "checksum" | "other-plan";

export class PartialError extends Error {
  readonly code: PartialErrorCode;

  constructor(code: PartialErrorCode, message: string) {
    super(message);
    this.name = "PartialError";
    this.code = code;
  }
}
