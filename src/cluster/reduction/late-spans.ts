/**
 * Spans that would come late although nobody failed. One that waits in a queue that is far longer than others goes to another
 * node, and one that waits in a busy node's queue moves to a node that can read it and is idle. If it takes long, and is
 * among the last in that queue, it is opened instead: its children are spread, so that at the end of a job no node is left
 * alone with a large span. One that is scanned too slowly is asked of another node as well.
 */

import type { NodeId } from "../../base/ids.js";
import { isDivisible } from "../../job/tree.js";
import { medianOf } from "./pace.js";
import { QueueShares, type Waiting } from "./queue-shares.js";
import type { ReductionState } from "./reduction-state.js";
import { SlowSpans } from "./slow-spans.js";
import { IdleThreads } from "./span-places.js";
import type { Attempt, VertexFetch } from "./vertex-fetch.js";

/** So many spans for each thread are the last ones of a queue when another node is idle; one is when none is. */
const LAST_SPANS = 3;

export interface LateSpanActions {
  /** Asks a node for a span besides the one that has it; `isMove`, for the better one of them to keep it. */
  ask(fetch: VertexFetch, node: NodeId, isMove: boolean): void;
  /** Asks a node for a span instead of the one where it waits. */
  move(fetch: VertexFetch, from: Attempt, to: NodeId): void;
  /** Has a span that waits computed from its children. */
  open(fetch: VertexFetch): void;
}

export class LateSpans {
  readonly #state: ReductionState;
  readonly #actions: LateSpanActions;
  readonly #slow: SlowSpans;
  readonly #shares: QueueShares;

  constructor(state: ReductionState, actions: LateSpanActions) {
    this.#state = state;
    this.#actions = actions;
    this.#slow = new SlowSpans(state, (fetch, node) => actions.ask(fetch, node, false));
    this.#shares = new QueueShares(state, (fetch, from, to) => actions.move(fetch, from, to));
  }

  advance(): void {
    const gathering = [...this.#state.tasks.values()].filter((task) => task.state === "gathering");
    const groups = gathering.map((task) => task.children);
    // A job of a single span has it for its root.
    for (const { root } of this.#state.jobs.values()) if (root?.isSpan === true) groups.push([root]);
    const fetches = groups.flat();
    let known: IdleThreads | undefined;
    const idle = (): IdleThreads => {
      known ??= new IdleThreads(this.#state, fetches);
      return known;
    };
    for (const fetch of fetches) this.#slow.notePace(fetch);
    for (const group of groups) this.#slow.double(group, idle);
    const waiting = this.#shares.balance(this.#waiting(fetches));
    if (waiting.length > 0) this.#moveToIdle(waiting, idle());
  }

  #waiting(fetches: readonly VertexFetch[]): readonly Waiting[] {
    const { nowMs, view, options } = this.#state;
    return fetches.flatMap((fetch) => {
      const attempt = fetch.isSpan && !fetch.isDone ? fetch.waiting(nowMs, view, options.protocol) : undefined;
      return attempt === undefined ? [] : [{ fetch, attempt }];
    });
  }

  /** Those asked for last go first: their nodes come to them last. */
  #moveToIdle(waiting: readonly Waiting[], idle: IdleThreads): void {
    for (const { fetch, attempt } of [...waiting].reverse()) {
      if (this.#isToBeOpened(fetch, attempt, idle.isAny)) {
        this.#actions.open(fetch);
        continue;
      }
      if (!idle.isAny) continue;
      const node = idle.placeFor(fetch, (id) => this.#isSooner(fetch, attempt, id));
      if (node === undefined) continue;
      idle.take(node);
      this.#actions.ask(fetch, node, true);
    }
  }

  /** Whether a node that is idle, but may be slow, would be done before the one where the span waits comes to it. */
  #isSooner({ work, bytes }: VertexFetch, { node }: Attempt, idle: NodeId): boolean {
    const { paces, loads, nowMs } = this.#state;
    const pace = paces.at(work, idle);
    const queue = loads.queueOf(node, nowMs);
    return pace === undefined || queue === undefined || bytes * queue.pace < pace * (queue.bytes + bytes);
  }

  /** Whether a span that waits would be scanned at the end of its node's work, and for long. */
  #isToBeOpened(fetch: VertexFetch, { node, progress }: Attempt, isSomebodyIdle: boolean): boolean {
    const { paces, view, options } = this.#state;
    const { context, vertex, bytes, isOpened } = fetch;
    const queuedBytes = progress?.queuedBytes;
    const pace = medianOf(paces.of(fetch.work));
    if (isOpened || queuedBytes === undefined || bytes <= pace * options.protocol.openSpanMs || pace === 0)
      return false;
    const threads = view.members.find(({ id }) => id === node)?.threads ?? 1;
    if (queuedBytes > bytes * threads * (isSomebodyIdle ? LAST_SPANS : 1)) return false;
    return isDivisible(context.shape, vertex) && fetch.candidates(view).length > 1;
  }
}
