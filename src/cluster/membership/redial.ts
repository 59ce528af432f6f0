/** When to dial which address: at once the first time, then with growing pauses and full jitter, for ever. */

import { ringHash } from "../../base/ring-hash.js";
import type { Protocol } from "../protocol.js";

interface Dialling {
  failures: number;
  /** Set while a dial is under way. */
  sinceMs: number | undefined;
  nextAtMs: number;
}

/**
 * The pause after a number of failures in a row: uniform between nothing and a bound that doubles from `redialMinMs` to
 * `redialMaxMs` ("full jitter"), so that a healed cluster does not dial in step. `random` is in [0, 1).
 */
export function redialPauseMs(
  failures: number,
  random: number,
  protocol: Pick<Protocol, "redialMinMs" | "redialMaxMs">,
): number {
  const bound = Math.min(protocol.redialMaxMs, protocol.redialMinMs * 2 ** Math.min(Math.max(0, failures - 1), 16));
  return bound * random;
}

export class Redial {
  readonly #protocol: Protocol;
  readonly #addresses = new Map<string, Dialling>();

  constructor(protocol: Protocol) {
    this.#protocol = protocol;
  }

  /** Says whether to dial now, and if so counts it as begun. `delayMs` holds the first dial of an address back. */
  begin(address: string, nowMs: number, random: number, delayMs = 0): boolean {
    let dialling = this.#addresses.get(address);
    if (dialling === undefined) {
      dialling = { failures: 0, sinceMs: undefined, nextAtMs: nowMs + delayMs };
      this.#addresses.set(address, dialling);
    }
    if (dialling.sinceMs !== undefined && nowMs - dialling.sinceMs >= this.#protocol.dialTimeoutMs) {
      this.failed(address, nowMs, random);
    }
    if (dialling.sinceMs !== undefined || nowMs < dialling.nextAtMs) return false;
    dialling.sinceMs = nowMs;
    return true;
  }

  failed(address: string, nowMs: number, random: number): void {
    const dialling = this.#addresses.get(address);
    if (dialling === undefined) return;
    dialling.failures += 1;
    dialling.sinceMs = undefined;
    // One number serves many addresses: each takes its own share of it.
    const share = (random + ringHash(address) / 2 ** 53) % 1;
    dialling.nextAtMs = nowMs + redialPauseMs(dialling.failures, share, this.#protocol);
  }

  /** Connected, or of no interest any more: the next dial is a first one again. */
  forget(address: string): void {
    this.#addresses.delete(address);
  }
}
