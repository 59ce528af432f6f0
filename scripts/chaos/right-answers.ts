/** Which answers are right for a question: over the logs as they are, or as they were while it was planned. */

import { basename } from "node:path";
import type { AskedQuestion } from "./asked-question.js";
import type { Inputs } from "./inputs.js";
import type { LiveLog } from "./live-log.js";
import type { Oracle } from "./oracle.js";

export class RightAnswers {
  readonly #oracle: Oracle;
  readonly #inputs: Inputs;
  readonly #liveLog: LiveLog;

  constructor(oracle: Oracle, inputs: Inputs, liveLog: LiveLog) {
    this.#oracle = oracle;
    this.#inputs = inputs;
    this.#liveLog = liveLog;
  }

  /**
   * Over all that was asked for. `text` is the answer that was given: of a log that grew, it says how many lines it is
   * over, and if the log ever had so many while the question was planned, the right answer over those is known. The own
   * logs of nodes that left are asked for or not, as these were seen.
   */
  async whole(asked: AskedQuestion, text: string | undefined, left: readonly string[]): Promise<readonly string[]> {
    const { question } = asked.planned;
    switch (question.source) {
      case "web":
        return [await this.#oracle.answer(question, this.#inputs.files.web)];
      case "app":
        return await this.#answers(asked, withoutSome(this.#inputs.files.app, left));
      case "live": {
        const versions = this.#liveLog.withLines(linesOf(text), asked.submittedAtMs, asked.plannedUntilMs);
        return await Promise.all(versions.map((content) => this.#oracle.answerOver(question, content)));
      }
    }
  }

  /** Without some private logs; `NAME:glob` stands for all logs of a node that nobody remembers, so for each node in turn. */
  async without(asked: AskedQuestion, missing: readonly string[], left: readonly string[]): Promise<readonly string[]> {
    if (asked.planned.question.source !== "app") return [];
    const named = new Set(missing.map((name) => name.slice(name.indexOf(":") + 1)));
    const known = this.#inputs.files.app.filter((path) => !named.has(basename(path)));
    const unknown = missing.filter((name) => name.includes("*")).length;
    const covers = withoutNodes(known, unknown).flatMap((files) => withoutSome(files, left));
    return await this.#answers(asked, covers);
  }

  #answers(
    { planned: { question } }: AskedQuestion,
    covers: readonly (readonly string[])[],
  ): Promise<readonly string[]> {
    const distinct = new Map(covers.map((files) => [files.join(), files]));
    return Promise.all([...distinct.values()].map((files) => this.#oracle.answer(question, files)));
  }
}

const ownerOf = (path: string): string => basename(path).split("-")[0] ?? "";

const withoutNode = (files: readonly string[], node: string): readonly string[] =>
  files.filter((path) => ownerOf(path) !== node);

/** The files that are left without so many of the nodes, in every way. */
function withoutNodes(files: readonly string[], count: number): readonly (readonly string[])[] {
  if (count === 0) return [files];
  const owners = [...new Set(files.map(ownerOf))];
  return owners.flatMap((owner) => withoutNodes(withoutNode(files, owner), count - 1));
}

/** The files that are left without any of these nodes, in every way; all of them first. */
function withoutSome(files: readonly string[], nodes: readonly string[]): readonly (readonly string[])[] {
  const covers = [files];
  for (const node of nodes) covers.push(...covers.map((cover) => withoutNode(cover, node)));
  return covers;
}

function linesOf(text: string | undefined): number {
  if (text === undefined) return 0;
  return (JSON.parse(text) as { readonly counters: { readonly lines: number } }).counters.lines;
}
