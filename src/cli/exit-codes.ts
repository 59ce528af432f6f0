/** What the commands' exit codes mean, and the one place where errors become codes. */

export const EXIT = {
  done: 0,
  internal: 1,
  /** Bad usage or query. */
  usage: 2,
  /** Input missing, unreadable or changed while it was read. */
  input: 3,
  /** An incomplete answer, allowed and shown. */
  incomplete: 4,
  /** The job failed or was cancelled, or its answer is incomplete and that was not allowed. */
  failed: 5,
  /** No node reachable. */
  unreachable: 6,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Ends a command with a message and a code of its own. */
export class CommandError extends Error {
  readonly code: ExitCode;

  constructor(code: ExitCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = "CommandError";
    this.code = code;
  }
}

/** Errors of the query and of the way it was asked, by class; named, so that no command loads what it does not use. */
const USAGE_ERRORS: ReadonlySet<string> = new Set(["QueryError", "FormatError", "PlanError", "ScalarError"]);
/** Input errors that are mistakes of the command line. */
const USAGE_INPUT_CODES: ReadonlySet<unknown> = new Set(["none", "ambiguous"]);

export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof CommandError) return error.code;
  if (!(error instanceof Error)) return EXIT.internal;
  if (USAGE_ERRORS.has(error.name)) return EXIT.usage;
  if (error.name === "ScanError") return EXIT.input;
  if (error.name === "FailedJobError") return EXIT.failed;
  if (error.name === "InputError") {
    return "code" in error && USAGE_INPUT_CODES.has(error.code) ? EXIT.usage : EXIT.input;
  }
  return EXIT.internal;
}
