/** The log that `npm start` shows its report of. */

import { DEFAULT_LOG_OPTIONS } from "./log-generator.js";
import { ensureLog } from "./write-log.js";

const SAMPLE_BYTES = 20_000_000;

/** Path of a seeded log of 20 MB within `directory`; made once, then reused. */
export async function ensureSampleLog(directory: string): Promise<string> {
  return await ensureLog(directory, { ...DEFAULT_LOG_OPTIONS, length: { bytes: SAMPLE_BYTES } }, () => undefined);
}
