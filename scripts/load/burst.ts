/** More jobs at once than a node takes: the rest is refused for lack of room, and the node goes on. */

import { LoadClient } from "./load-client.js";
import { Tally } from "./tally.js";

/** The last of a thousand is acknowledged when all before it were planned, and cancelled when they were. */
const PATIENCE_MS = 120_000;

export interface Burst {
  readonly accepted: number;
  readonly refused: number;
  readonly errors: readonly string[];
  readonly submitSeconds: number;
  readonly cancelSeconds: number;
}

/** Submits `jobs` jobs that take long, to one node, and cancels those that it took. */
export async function runBurst(node: string, jobs: number): Promise<Burst> {
  const tally = new Tally(1);
  const client = new LoadClient(node, tally);
  const startMs = performance.now();
  try {
    const submitted = await Promise.all(
      Array.from({ length: jobs }, (_, index) =>
        client
          .submit(
            `SELECT url, count(*) AS hits FROM 'web:*' WHERE status <> ${1_000_000 + index} GROUP BY url`,
            PATIENCE_MS,
          )
          .catch((error: unknown) => tally.failed(error)),
      ),
    );
    const submittedMs = performance.now();
    const accepted = submitted.filter((id) => typeof id === "string");
    await Promise.all(
      accepted.map((id) => client.cancel(id, PATIENCE_MS).catch((error: unknown) => tally.failed(error))),
    );
    return {
      accepted: accepted.length,
      refused: tally.refused,
      errors: tally.errors,
      submitSeconds: (submittedMs - startMs) / 1000,
      cancelSeconds: (performance.now() - submittedMs) / 1000,
    };
  } finally {
    client.close();
  }
}
