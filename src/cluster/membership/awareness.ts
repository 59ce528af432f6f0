/**
 * How well this node itself seems to be (Lifeguard's local health: Dadgar, Phillips, Currey, 2018). A node that is slow or
 * badly connected takes the others for dead; the worse its own probes go, the more time it gives them.
 */

const MAX_SCORE = 8;

export class Awareness {
  #score = 0;

  /** A probe without an answer, a suspicion that had to be refuted, an event loop that lagged. */
  worse(): void {
    this.#score = Math.min(MAX_SCORE, this.#score + 1);
  }

  /** A probe that was answered. */
  better(): void {
    this.#score = Math.max(0, this.#score - 1);
  }

  /** By how much probe interval and timeout are stretched: 1 when well, up to 9. */
  get factor(): number {
    return this.#score + 1;
  }
}
