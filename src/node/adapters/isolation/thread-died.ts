/** The end of a thread in the middle of its work. The message says how. */
export class ThreadDied extends Error {
  readonly code = "thread-died";

  constructor(how: string, cause?: unknown) {
    super(`A scanning thread ${how}`, { cause });
    this.name = "ThreadDied";
  }
}
