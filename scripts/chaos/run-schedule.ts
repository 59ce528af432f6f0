/**
 * Runs one schedule: asks its questions, begins and ends its faults, heals everything, and then holds each question to
 * what it may have become.
 */

import { join } from "node:path";
import { type Arena, SETTLE_MS } from "./arena.js";
import { AskedQuestion, END_MS } from "./asked-question.js";
import type { ChaosNode } from "./chaos-node.js";
import type { FaultScene } from "./fault.js";
import { LiveLog } from "./live-log.js";
import type { Oracle } from "./oracle.js";
import { RightAnswers } from "./right-answers.js";
import type { PlannedFault, PlannedQuestion, Schedule, Trigger } from "./schedule.js";
import { judge, type Verdict } from "./verdict.js";

export interface ScheduleReport {
  readonly seed: number;
  /** Kinds of the faults that began. */
  readonly faults: readonly string[];
  readonly verdicts: readonly Verdict["kind"][];
  /** How often submits were refused, by reason. */
  readonly refusals: readonly string[];
  /** From the end of the last fault to the end of each job, in paced time. */
  readonly endMs: readonly number[];
  readonly settleMs: number;
  readonly violations: readonly string[];
}

/** Anything may be asked of a cluster that was healed; this is asked after each schedule. */
const LAST_QUESTION: Omit<PlannedQuestion, "number" | "via"> = {
  atMs: 0,
  question: {
    source: "app",
    sql: "SELECT status, count(*) AS hits, sum(bytes) AS sent FROM {from} GROUP BY status",
    countsLines: true,
  },
  allowIncomplete: false,
  durability: 2,
  cancelAfterMs: undefined,
};

/** How long a fault waits for what it is tied to. */
const TRIGGER_MS = 4_000;

export async function runSchedule(arena: Arena, oracle: Oracle, schedule: Schedule): Promise<ScheduleReport> {
  return await new ScheduleRun(arena, oracle, schedule).run();
}

class ScheduleRun {
  readonly #arena: Arena;
  readonly #schedule: Schedule;
  readonly #liveLog: LiveLog;
  readonly #right: RightAnswers;
  readonly #asked: AskedQuestion[];
  readonly #begun: string[] = [];
  readonly #violations: string[] = [];
  #lostDisks = 0;

  constructor(arena: Arena, oracle: Oracle, schedule: Schedule) {
    this.#arena = arena;
    this.#schedule = schedule;
    const path = join(arena.inputs.live, `live-${schedule.seed}.log`);
    this.#liveLog = new LiveLog(path, arena.inputs.liveSeed, () => performance.now());
    this.#right = new RightAnswers(oracle, arena.inputs, this.#liveLog);
    this.#asked = schedule.questions.map((planned) => this.#question(planned));
  }

  async run(): Promise<ScheduleReport> {
    const { clock } = this.#arena;
    await Promise.all([
      clock.sleep(this.#schedule.lastsMs),
      ...this.#asked.map((asked) => this.#ask(asked)),
      ...this.#schedule.faults.map((fault) => this.#harm(fault)),
    ]);
    await this.#startAll();
    const healedAtMs = clock.nowMs();
    const [settleMs, ...ends] = await Promise.all([
      this.#awaitViews(healedAtMs),
      ...this.#asked.map((asked) => this.#awaitEnd(asked, healedAtMs)),
    ]);
    const verdicts: Verdict[] = [];
    for (const asked of this.#asked) verdicts.push(await this.#judge(asked));
    verdicts.push(await this.#askLast());
    this.#noteSuddenEnds();
    return {
      seed: this.#schedule.seed,
      faults: this.#begun,
      verdicts: verdicts.map(({ kind }) => kind),
      refusals: this.#asked.flatMap(({ refusals }) => refusals),
      endMs: ends.flatMap((ms) => ms ?? []),
      settleMs,
      violations: this.#violations,
    };
  }

  /** By now every node is known to be back. */
  async #askLast(): Promise<Verdict> {
    for (const node of this.#arena.nodes) node.leftAtMs = Number.POSITIVE_INFINITY;
    const last = this.#question({ ...LAST_QUESTION, number: this.#asked.length, via: this.#schedule.seed });
    await this.#awaitEnd(last, this.#arena.clock.nowMs());
    return await this.#judge(last);
  }

  #question(planned: PlannedQuestion): AskedQuestion {
    return new AskedQuestion(this.#arena, planned, `${this.#schedule.seed}/${planned.number}`, this.#liveLog.name);
  }

  #nodeAt(index: number): ChaosNode | undefined {
    const { nodes } = this.#arena;
    return nodes[index % nodes.length];
  }

  async #ask(asked: AskedQuestion): Promise<void> {
    const { atMs, via, cancelAfterMs } = asked.planned;
    const { clock } = this.#arena;
    await clock.sleep(atMs);
    // A node that is down or frozen keeps a client waiting: the schedule goes on meanwhile.
    const submitted = asked.submit(this.#nodeAt(via));
    if (cancelAfterMs === undefined) return;
    if ((await Promise.race([submitted, clock.sleep(TRIGGER_MS)])) !== true) return;
    await clock.sleep(cancelAfterMs);
    await asked.cancel(this.#nodeAt(via + 1));
  }

  async #harm({ trigger, lastsMs, fault }: PlannedFault): Promise<void> {
    const { clock } = this.#arena;
    const scene = await this.#sceneOf(trigger);
    if (fault.losesDisk) this.#lostDisks += 1;
    this.#begun.push(fault.kind);
    for (const node of this.#arena.nodes) node.note(`${fault.kind}, ${fault.detail}, for ${lastsMs} ms`);
    const end = await fault.begin(scene);
    await clock.sleep(lastsMs);
    await end();
    for (const node of this.#arena.nodes) node.note(`end of ${fault.kind}, ${fault.detail}`);
  }

  async #sceneOf(trigger: Trigger): Promise<FaultScene> {
    const { clock, nodes } = this.#arena;
    const scene = { arena: this.#arena, liveLog: this.#liveLog, taker: undefined, root: undefined };
    if (trigger.kind === "time") {
      await clock.sleep(trigger.atMs);
      return scene;
    }
    const asked = this.#asked[trigger.asked];
    if (asked === undefined) return scene;
    await clock.sleep(asked.planned.atMs);
    const taker = this.#nodeAt(asked.planned.via);
    await clock.until(async () => (asked.isAcknowledged ? true : undefined), TRIGGER_MS);
    if (trigger.kind === "acknowledged" || !asked.isAcknowledged) return { ...scene, taker };
    const root = await clock.until(async () => {
      const status = await asked.status(this.#nodeAt(asked.planned.via + 1));
      if (status === undefined || status.root === null || status.bytesDone === 0) return undefined;
      const members = await this.#arena
        .clientOf(nodes[0] ?? this.#arena.joiner)
        .members()
        .catch(() => []);
      const name = members.find(({ id }) => id === status.root)?.name;
      return nodes.find((node) => node.name === name);
    }, TRIGGER_MS);
    return { ...scene, taker, root };
  }

  /** Every fault has ended, and every node runs. */
  async #startAll(): Promise<void> {
    for (const node of this.#arena.nodes) node.resume();
    const started = await Promise.all(this.#arena.nodes.map((node) => node.start()));
    for (const [index, isReady] of started.entries()) {
      const node = this.#arena.nodes[index];
      if (!isReady && (await node?.start()) !== true) this.#violations.push(`${node?.name} does not start again`);
    }
  }

  async #awaitViews(healedAtMs: number): Promise<number> {
    const unsettled = await this.#arena.unsettled();
    for (const what of unsettled) this.#violations.push(`${SETTLE_MS / 1000} s after the last fault ${what}`);
    return this.#arena.clock.nowMs() - healedAtMs;
  }

  /** Paced time from the last fault to the end of its job; undefined, and a violation, if there is none. */
  async #awaitEnd(asked: AskedQuestion, healedAtMs: number): Promise<number | undefined> {
    const isTaken = asked.isAcknowledged || (await asked.insist());
    const status = isTaken ? await asked.end() : undefined;
    if (status !== undefined) return Math.max(0, this.#arena.clock.nowMs() - healedAtMs);
    const what = isTaken ? `has no end that all nodes tell` : `is taken by no node (${asked.refusals.at(-1)})`;
    // An acknowledgement with N copies survives the loss of N - 1 disks.
    asked.isLost = isTaken && asked.copies <= this.#lostDisks && (await this.#isUnknown(asked));
    if (asked.isLost) return undefined;
    const account = await asked.account();
    this.#violations.push(`question ${asked.planned.number} ${what} after ${END_MS / 1000} s: ${account}`);
    return undefined;
  }

  async #isUnknown(asked: AskedQuestion): Promise<boolean> {
    const statuses = await Promise.all(this.#arena.nodes.map((node) => asked.status(node)));
    return statuses.every((status) => status === undefined);
  }

  async #judge(asked: AskedQuestion): Promise<Verdict> {
    const { allowIncomplete, question } = asked.planned;
    const [one, other] = [this.#nodeAt(asked.planned.via + 2), this.#nodeAt(asked.planned.via + 4)];
    const violated = (what: string): Verdict => {
      this.#violations.push(`question ${asked.planned.number} (job ${asked.id}, ${question.sql}): ${what}`);
      return { kind: "violation", what };
    };
    for (const problem of asked.problems) violated(problem);
    if (asked.isLost) return { kind: "lost" };
    if (one === undefined || other === undefined) return violated("there is no node to ask");
    try {
      const [end, again] = await Promise.all([asked.result(one), asked.result(other)]);
      if (end.text !== again.text || end.status.state !== again.status.state) {
        return violated(
          `${one.name} says ${end.status.state} ${end.text}; ${other.name} ${again.status.state} ${again.text}`,
        );
      }
      const verdict = await judge(end, {
        allowIncomplete,
        isCancelled: asked.isCancelled,
        isChanged: question.source === "live" && this.#liveLog.isChangedBetween(asked.submittedAtMs, performance.now()),
        isHolderAway: question.source === "app" && this.#begun.length > 0,
        whole: () => this.#right.whole(asked, end.text, this.#leavers(asked)),
        without: (missing) => this.#right.without(asked, missing, this.#leavers(asked)),
      });
      return verdict.kind === "violation" ? violated(verdict.what) : verdict;
    } catch (error) {
      return violated(error instanceof Error ? error.message : String(error));
    }
  }

  /** Nodes that may have left, as they should, when the question was planned: then their own logs are not asked for. */
  #leavers(asked: AskedQuestion): readonly string[] {
    return this.#arena.nodes.filter(({ leftAtMs }) => leftAtMs <= asked.plannedUntilMs).map(({ name }) => name);
  }

  /** A node whose disk is full may refuse to start, saying so. */
  #noteSuddenEnds(): void {
    const hadFullDisk = this.#begun.includes("full disk");
    for (const node of [...this.#arena.nodes, this.#arena.joiner]) {
      for (const { code, lastLines } of node.takeSuddenEnds()) {
        if (hadFullDisk && /ENOSPC|[Nn]o space left/.test(lastLines)) continue;
        this.#violations.push(`${node.name} ended by itself (${code}):\n${lastLines}`);
      }
    }
  }
}
