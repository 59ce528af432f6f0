/** Why a range could not be scanned, besides what its reader throws. */

export type ScanErrorCode = "input-ended" | "fields-changed";

export class ScanError extends Error {
  readonly code: ScanErrorCode;

  constructor(code: ScanErrorCode, message: string) {
    super(message);
    this.name = "ScanError";
    this.code = code;
  }
}
