/** The right answers: the same questions without a cluster, in this process, over files that rest. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodeResult } from "../../src/cluster/job/result-codec.js";
import { type AnswerTable, NO_COUNTERS } from "../../src/job/result.js";
import { runEmbedded } from "../../src/node/embedded/embedded.js";
import type { Question } from "./questions.js";

/** An answer as bytes: rows and columns, and what was seen on the way where that is the same for everyone. */
export const textOf = (table: AnswerTable, { countsLines }: Question): string =>
  Buffer.from(encodeResult({ ...table, counters: countsLines ? table.counters : NO_COUNTERS })).toString();

export class Oracle {
  readonly #directory: string;
  readonly #known = new Map<string, Promise<string>>();
  #frozen = 0;

  /** `directory` is for the copies of a log that changes. */
  constructor(directory: string) {
    this.#directory = directory;
  }

  answer(question: Question, files: readonly string[]): Promise<string> {
    const name = `${question.sql}\0${files.join("\0")}`;
    const known = this.#known.get(name) ?? this.#ask(question, files);
    this.#known.set(name, known);
    return known;
  }

  async answerOver(question: Question, content: Buffer): Promise<string> {
    this.#frozen += 1;
    const path = join(this.#directory, `frozen-${this.#frozen}.log`);
    writeFileSync(path, content);
    return await this.#ask(question, [path]);
  }

  async #ask(question: Question, files: readonly string[]): Promise<string> {
    const { table } = await runEmbedded({ sql: question.sql.replace("{from}", "logs"), files });
    return textOf(table, question);
  }
}
