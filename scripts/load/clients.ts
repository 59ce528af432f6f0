/** Many clients with several jobs each: they submit, ask how far it is, take the result, and compare it with the first one. */

import { setTimeout as pause } from "node:timers/promises";
import { JobState } from "../../src/generated/logmr/v1/jobs.js";
import { LoadClient } from "./load-client.js";
import type { Tally } from "./tally.js";

export interface Load {
  /** `HOST:PORT` of the nodes' gRPC listeners; each client has one of them. */
  readonly nodes: readonly string[];
  readonly clients: number;
  /** That are under way at a time, of all clients. */
  readonly jobs: number;
  readonly durationMs: number;
}

const STATUS_EVERY_MS = 500;
/** A client that was refused tries again after this. */
const REFUSED_MS = 500;

/** Each call gives another plan with the same answer, so that it is computed. */
const QUESTIONS: readonly ((anything: string) => string)[] = [
  (anything) => `SELECT status, count(*) AS hits, sum(bytes) AS bytes FROM 'web:*' WHERE ${anything} GROUP BY status`,
  (anything) =>
    `SELECT url, count(*) AS hits FROM 'web:*' WHERE ${anything} GROUP BY url ORDER BY hits DESC, url LIMIT 10`,
  (anything) => `SELECT count(DISTINCT remote_addr) AS clients, p99(bytes) AS p99 FROM 'web:*' WHERE ${anything}`,
  (anything) => `SELECT time, url, status FROM 'web:*' WHERE status >= 500 AND ${anything} LIMIT 20`,
];

/** Resolves when the time is over and every job has ended. What goes wrong is in the tally. */
export async function runLoad({ nodes, clients, jobs, durationMs }: Load, tally: Tally): Promise<void> {
  const endMs = performance.now() + durationMs;
  const desk = new QuestionDesk();
  const connected = Array.from(
    { length: clients },
    (_, index) => new LoadClient(nodes[index % nodes.length] ?? "", tally),
  );
  await Promise.all(
    Array.from({ length: jobs }, async (_, lane) => {
      const index = lane % clients;
      const client = connected[index];
      if (client === undefined) return;
      for (let turn = lane; performance.now() < endMs; turn += 1) {
        const done = await ask(client, desk, turn, tally);
        if (done) tally.finished[index] = (tally.finished[index] ?? 0) + 1;
        else await pause(REFUSED_MS);
      }
    }),
  );
  for (const client of connected) client.close();
}

/** Gives out questions, and knows the first answer to each kind of them. */
class QuestionDesk {
  readonly #answers = new Map<number, string>();
  #asked = 0;

  next(turn: number): { readonly kind: number; readonly sql: string } {
    this.#asked += 1;
    const kind = turn % QUESTIONS.length;
    return { kind, sql: QUESTIONS[kind]?.(`status <> ${1000 + this.#asked}`) ?? "" };
  }

  isAsBefore(kind: number, digest: string): boolean {
    const known = this.#answers.get(kind) ?? digest;
    this.#answers.set(kind, known);
    return known === digest;
  }
}

/** Whether a job was done; if not, it was refused for lack of room, or failed, which is counted. */
async function ask(client: LoadClient, desk: QuestionDesk, turn: number, tally: Tally): Promise<boolean> {
  const { kind, sql } = desk.next(turn);
  try {
    const digest = await runJob(client, sql, tally);
    if (digest === undefined) return false;
    if (!desk.isAsBefore(kind, digest)) tally.failed(new Error(`another answer than before to: ${sql}`));
    return true;
  } catch (error) {
    tally.failed(error);
    return false;
  }
}

/** The digest of the answer; undefined for a job that was refused for lack of room. */
async function runJob(client: LoadClient, sql: string, tally: Tally): Promise<string | undefined> {
  const startMs = performance.now();
  const jobId = await client.submit(sql);
  if (jobId === undefined) return undefined;
  const result = client.result(jobId);
  let isOver = false;
  result.then(
    () => {
      isOver = true;
    },
    () => {
      isOver = true;
    },
  );
  // Whoever waits looks how far it is; each job is asked about once at least.
  do {
    const status = await client.status(jobId);
    if (status?.state !== JobState.RUNNING) break;
    await Promise.race([pause(STATUS_EVERY_MS), result]);
  } while (!isOver);
  const { digest } = await result;
  tally.took("job", performance.now() - startMs);
  return digest;
}
