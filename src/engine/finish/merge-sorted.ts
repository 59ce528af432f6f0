/** Merges sorted runs of groups: a heap of runs, the one whose next group comes first on top. */

import type { GroupRow } from "../partial/group-rows.js";

export interface SortedRun {
  /** Goes back to the first group. */
  rewind(): void;
  /** The group that is next; undefined behind the last. Void after `advance`. */
  readonly head: GroupRow | undefined;
  advance(): void;
}

/** Of the union of `runs`, in the order of `compare`, `length` groups from `offset` on. A handle is good until the next. */
export function* mergeSorted(
  runs: readonly SortedRun[],
  compare: (left: GroupRow, right: GroupRow) => number,
  offset: number,
  length: number,
): Iterable<GroupRow> {
  for (const run of runs) run.rewind();
  const heap = runs.filter((run) => run.head !== undefined);
  const isAhead = (left: SortedRun | undefined, right: SortedRun | undefined): boolean =>
    left?.head !== undefined && right?.head !== undefined && compare(left.head, right.head) < 0;
  for (let parent = (heap.length >> 1) - 1; parent >= 0; parent -= 1) sink(heap, parent, isAhead);
  for (let index = 0; index < offset + length; index += 1) {
    const [first] = heap;
    if (first?.head === undefined) return;
    if (index >= offset) yield first.head;
    first.advance();
    if (first.head === undefined) {
      const last = heap.pop();
      if (last === undefined || heap.length === 0) return;
      if (last !== first) heap[0] = last;
    }
    sink(heap, 0, isAhead);
  }
}

function sink<Item>(heap: Item[], from: number, isAhead: (left: Item | undefined, right: Item | undefined) => boolean) {
  let parent = from;
  while (true) {
    let child = 2 * parent + 1;
    if (child >= heap.length) return;
    if (child + 1 < heap.length && isAhead(heap[child + 1], heap[child])) child += 1;
    const [above, below] = [heap[parent], heap[child]];
    if (above === undefined || below === undefined || !isAhead(below, above)) return;
    heap[parent] = below;
    heap[child] = above;
    parent = child;
  }
}
