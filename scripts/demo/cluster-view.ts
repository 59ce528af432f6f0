/** Looks at the cluster over gRPC, as any client can: who is there, and how far a job is. */

import { credentials, Metadata } from "@grpc/grpc-js";
import { ClusterClient, MemberState } from "../../src/generated/logmr/v1/cluster.js";
import { type JobStatus, JobsClient } from "../../src/generated/logmr/v1/jobs.js";
import type { LocalNode } from "./commands.js";

const CALL_TIMEOUT_MS = 2_000;

const deadline = (): { readonly deadline: number } => ({ deadline: Date.now() + CALL_TIMEOUT_MS });

export class ClusterView {
  readonly #cluster: ClusterClient;
  readonly #jobs: JobsClient;

  constructor(node: LocalNode) {
    this.#cluster = new ClusterClient(node.grpc, credentials.createInsecure());
    this.#jobs = new JobsClient(node.grpc, credentials.createInsecure());
  }

  /** How many members the node sees alive, itself included; 0 if it does not answer. */
  async aliveMembers(): Promise<number> {
    return await new Promise((resolve) => {
      this.#cluster.listMembers({}, new Metadata(), deadline(), (error, response) => {
        resolve(error === null ? response.members.filter(({ state }) => state === MemberState.ALIVE).length : 0);
      });
    });
  }

  /** The job as the node sees it; undefined if it does not answer or does not know the job. */
  async status(jobId: string): Promise<JobStatus | undefined> {
    return await new Promise((resolve) => {
      this.#jobs.getStatus({ jobId }, new Metadata(), deadline(), (error, response) => {
        resolve(error === null ? response.status : undefined);
      });
    });
  }

  close(): void {
    this.#cluster.close();
    this.#jobs.close();
  }
}
