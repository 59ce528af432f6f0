/** The log as lines of JSON on stderr, written at once, so that a crash loses none. */

import { destination, pino, stdTimeFunctions } from "pino";
import type { Log } from "../../ports/log.js";

export function openStderrLog(): Log {
  const logger = pino({ base: null, timestamp: stdTimeFunctions.isoTime }, destination({ fd: 2, sync: true }));
  return {
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
  };
}
