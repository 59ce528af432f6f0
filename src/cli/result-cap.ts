import { InvalidArgumentError, Option } from "commander";
import { parseByteSize } from "../base/byte-size.js";

/** The `--max-result` option of what becomes a job; its value is in bytes. */
export const maxResultOption = (): Option =>
  new Option("--max-result <size>", "cap on the answer, such as 256MiB (default: 64MiB)").argParser(resultBytes);

function resultBytes(text: string): number {
  const bytes = parseByteSize(text);
  if (bytes !== undefined && bytes >= 1 && Number.isSafeInteger(bytes)) return bytes;
  throw new InvalidArgumentError("It is a size such as 100MB or 256MiB.");
}
