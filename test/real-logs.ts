/** Where real logs lie that are no part of this project; tests that read them are skipped where they are not there. */

import { join } from "node:path";
import { packageRoot } from "../src/base/package-root.js";

export const REAL_LOGS = process.env.LOGMR_REAL_LOGS ?? join(packageRoot(), "../shared/data");
