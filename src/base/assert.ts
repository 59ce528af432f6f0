/** Programmer errors: a broken invariant stops the work at once, with the sentence that was believed. */

export function assert(condition: unknown, sentence: string): asserts condition {
  if (!condition) throw new Error(`Broken invariant: ${sentence}`);
}

/** For the default branch of an exhaustive switch over a tagged union. */
export function unreachable(value: never): never {
  throw new Error(`Broken invariant: no case for ${JSON.stringify(value)}`);
}
