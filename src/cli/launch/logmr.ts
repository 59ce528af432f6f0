#!/usr/bin/env node
/** The `logmr` that the shell runs, and the file that its scanning threads start with. */

import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadBundle, runBundle } from "./bundle-script.js";

const bundle = join(dirname(fileURLToPath(import.meta.url)), "client.cjs");
runBundle(loadBundle(bundle), bundle);
