/** What a target says when something is wrong. */

export class FuzzError extends Error {
  constructor(what: string, input: unknown) {
    super(`${what}: ${shown(input)}`);
    this.name = "FuzzError";
  }
}

const LONGEST = 2000;

function shown(input: unknown): string {
  if (input instanceof Uint8Array)
    return `${input.length} bytes ${Buffer.from(input).toString("hex").slice(0, LONGEST)}`;
  const text =
    typeof input === "string"
      ? JSON.stringify(input)
      : JSON.stringify(input, (_key, value) => (typeof value === "bigint" ? `${value}n` : value));
  return (text ?? String(input)).slice(0, LONGEST);
}

/** Runs code that may refuse its input with an error of one of these names; undefined if it did. */
export function unlessRefused<Result>(names: readonly string[], input: unknown, run: () => Result): Result | undefined {
  try {
    return run();
  } catch (error) {
    if (error instanceof Error && names.includes(error.name)) return undefined;
    throw new FuzzError(
      error instanceof Error ? `${error.name}: ${error.message}\n${error.stack}` : String(error),
      input,
    );
  }
}

export function expectSame(what: string, ours: unknown, expected: unknown, input: unknown): void {
  const [left, right] = [comparable(ours), comparable(expected)];
  if (left !== right)
    throw new FuzzError(`${what}: ${left.slice(0, LONGEST)} is not ${right.slice(0, LONGEST)}`, input);
}

const comparable = (value: unknown): string =>
  JSON.stringify(value, (_key, entry: unknown) => {
    if (typeof entry === "bigint") return `${entry}n`;
    if (typeof entry === "number" && !Number.isFinite(entry)) return String(entry);
    return entry instanceof Map ? [...entry].sort() : entry === undefined ? "undefined" : entry;
  }) ?? "undefined";
