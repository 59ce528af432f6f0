/**
 * The first `count` of many groups in a total order. A bounded heap keeps the best so far with its worst on top; most
 * groups are turned away by one comparison of doubles with that worst.
 */

import type { GroupRow } from "../partial/group-rows.js";

export interface RowOrder {
  /** A double that never contradicts `compare`; see `firstKeyRank`. */
  readonly rank: ((row: GroupRow) => number) | undefined;
  compare(left: GroupRow, right: GroupRow): number;
}

export class TopRows {
  readonly #order: RowOrder;
  readonly #capacity: number;
  /** A max-heap: every row comes no earlier than its children's rows. */
  readonly #heap: GroupRow[] = [];
  #worstRank = Number.POSITIVE_INFINITY;

  constructor(order: RowOrder, capacity: number) {
    this.#order = order;
    this.#capacity = capacity;
  }

  /** A group of a higher rank comes too late in any case. */
  get worstRank(): number {
    return this.#worstRank;
  }

  offer(row: GroupRow): void {
    if (this.#capacity === 0) return;
    const isFull = this.#heap.length === this.#capacity;
    if (isFull) {
      const { rank } = this.#order;
      if (rank !== undefined && rank(row) > this.#worstRank) return;
      if (this.#order.compare(row, this.#at(0)) >= 0) return;
      this.#heap[0] = row;
      this.#sink();
    } else {
      this.#heap.push(row);
      this.#rise();
    }
    if (this.#heap.length === this.#capacity) this.#worstRank = this.#order.rank?.(this.#at(0)) ?? this.#worstRank;
  }

  /** The kept groups, first to last. */
  sorted(): readonly GroupRow[] {
    return [...this.#heap].sort((left, right) => this.#order.compare(left, right));
  }

  #at(index: number): GroupRow {
    return this.#heap[index] ?? 0;
  }

  #rise(): void {
    let child = this.#heap.length - 1;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (this.#order.compare(this.#at(child), this.#at(parent)) <= 0) return;
      this.#swap(child, parent);
      child = parent;
    }
  }

  #sink(): void {
    let parent = 0;
    while (true) {
      let child = 2 * parent + 1;
      if (child >= this.#heap.length) return;
      const sibling = child + 1;
      if (sibling < this.#heap.length && this.#order.compare(this.#at(sibling), this.#at(child)) > 0) child = sibling;
      if (this.#order.compare(this.#at(child), this.#at(parent)) <= 0) return;
      this.#swap(child, parent);
      parent = child;
    }
  }

  #swap(left: number, right: number): void {
    const row = this.#at(left);
    this.#heap[left] = this.#at(right);
    this.#heap[right] = row;
  }
}
