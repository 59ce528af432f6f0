/** Which values the fetches of this node still need, so that each is let go exactly when the last need ends. */

import type { VertexKey } from "../../base/ids.js";

export class HeldValues {
  readonly #needs = new Map<VertexKey, number>();

  hold(key: VertexKey): void {
    this.#needs.set(key, (this.#needs.get(key) ?? 0) + 1);
  }

  release(key: VertexKey): void {
    const needs = (this.#needs.get(key) ?? 0) - 1;
    if (needs > 0) this.#needs.set(key, needs);
    else this.#needs.delete(key);
  }

  isHeld(key: VertexKey): boolean {
    return this.#needs.has(key);
  }
}
