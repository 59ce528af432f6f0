/** Time for a node. Monotonic for everything that is measured; wall time only for display and for `now()`. */

/** Undoes what the call that returned it began. Calling it again does nothing. */
export type Cancel = () => void;

export interface Clock {
  /** Monotonic milliseconds since an arbitrary moment. */
  nowMs(): number;
  /** Milliseconds since 1970 UTC. */
  wallMs(): number;
  setTimer(delayMs: number, fire: () => void): Cancel;
}

export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
}
