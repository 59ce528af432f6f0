/** The commands by name: listed without being loaded, because loading all of them costs more than a small query. */

import type { Command } from "commander";

export interface LazyCommand {
  readonly name: string;
  /** Arguments as the help shows them. */
  readonly usage: string;
  readonly description: string;
  load(): Promise<Command>;
}

export const COMMANDS: readonly LazyCommand[] = [
  {
    name: "query",
    usage: "SQL [FILE...]",
    description: "answer a question over log files, or over a cluster's with --node",
    load: async () => (await import("./commands/query.js")).queryCommand(),
  },
  {
    name: "report",
    usage: "[FILE...]",
    description: "the access report of log files",
    load: async () => (await import("./commands/report.js")).reportCommand(),
  },
  {
    name: "detect",
    usage: "FILE...",
    description: "which format each file has",
    load: async () => (await import("./commands/detect.js")).detectCommand(),
  },
  {
    name: "formats",
    usage: "",
    description: "the known formats and their fields",
    load: async () => (await import("./commands/formats.js")).formatsCommand(),
  },
  {
    name: "submit",
    usage: "SQL",
    description: "submit a question to a cluster; prints the job's id",
    load: async () => (await import("./commands/submit.js")).submitCommand(),
  },
  {
    name: "status",
    usage: "[JOB]",
    description: "how far a job is",
    load: async () => (await import("./commands/status.js")).statusCommand(),
  },
  {
    name: "result",
    usage: "JOB",
    description: "the answer of a job; waits for a running one",
    load: async () => (await import("./commands/result.js")).resultCommand(),
  },
  {
    name: "cancel",
    usage: "JOB",
    description: "stop a job",
    load: async () => (await import("./commands/cancel.js")).cancelCommand(),
  },
  {
    name: "jobs",
    usage: "",
    description: "the jobs that the cluster knows",
    load: async () => (await import("./commands/jobs.js")).jobsCommand(),
  },
  {
    name: "members",
    usage: "",
    description: "the cluster as a node sees it",
    load: async () => (await import("./commands/members.js")).membersCommand(),
  },
  {
    name: "sources",
    usage: "",
    description: "the log files that a cluster offers, and who holds them",
    load: async () => (await import("./commands/sources.js")).sourcesCommand(),
  },
];
