/** Input that cannot be read as it was asked for. The message names the path and what to do. */

/** `none` and `ambiguous` are mistakes of the command line; the others are the files'. */
export type InputErrorCode =
  | "none"
  | "ambiguous"
  | "missing"
  | "unreadable"
  | "not-a-file"
  | "no-match"
  | "changed"
  /** Of compressed files. */
  | "unsupported"
  | "corrupt"
  | "cut-off"
  | "too-compressed";

export class InputError extends Error {
  readonly code: InputErrorCode;
  readonly path: string;

  constructor(code: InputErrorCode, path: string, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = "InputError";
    this.code = code;
    this.path = path;
  }
}

/** The error of a system call on `path`, as an input error; anything that is not one is returned as it is. */
export function asInputError(error: unknown, path: string): Error {
  if (error instanceof InputError) return error;
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  if (code === "ENOENT" || code === "ENOTDIR") {
    return new InputError(
      "missing",
      path,
      `No such file: "${path}". Check the path; quote globs to let logmr expand them.`,
      error,
    );
  }
  if (code === "EACCES" || code === "EPERM") {
    return new InputError("unreadable", path, `No permission to read "${path}". Run as a user who may read it.`, error);
  }
  if (code === "EISDIR") return new InputError("not-a-file", path, `"${path}" is a directory, not a log file.`, error);
  if (code !== undefined) return new InputError("unreadable", path, `Cannot read "${path}": ${code}.`, error);
  return error instanceof Error ? error : new Error(String(error));
}
