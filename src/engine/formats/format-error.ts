/** Operating errors about formats. */

/** `bad-text`: of a format that is made from text; `needs-sample`: a format whose fields only a file's beginning tells. */
export type FormatErrorCode = "unknown-format" | "bad-template" | "bad-text" | "needs-sample";

export class FormatError extends Error {
  readonly code: FormatErrorCode;

  constructor(code: FormatErrorCode, message: string) {
    super(message);
    this.name = "FormatError";
    this.code = code;
  }
}
