import { InvalidArgumentError, Option } from "commander";
import { parseByteSize } from "../base/byte-size.js";
import { exceedsEncoded, tooLargeMessage } from "../cluster/job/result-codec.js";
import type { AnswerTable } from "../job/result.js";
import { CommandError, EXIT } from "./exit-codes.js";

/** The `--max-result` option of what becomes a job; its value is in bytes. */
export const maxResultOption = (defaultText = "64MiB"): Option =>
  new Option("--max-result <size>", `cap on the answer, such as 256MiB (default: ${defaultText})`).argParser(
    resultBytes,
  );

function resultBytes(text: string): number {
  const bytes = parseByteSize(text);
  if (bytes !== undefined && bytes >= 1 && Number.isSafeInteger(bytes)) return bytes;
  throw new InvalidArgumentError("It is a size such as 100MB or 256MiB.");
}

/** Throws a {@link CommandError} for an answer that a cluster with this cap would refuse too; before any of it is shown. */
export function refuseLargeAnswer(table: AnswerTable, capBytes: number | undefined): void {
  if (capBytes === undefined || !exceedsEncoded(table, capBytes)) return;
  throw new CommandError(EXIT.failed, tooLargeMessage(capBytes));
}
