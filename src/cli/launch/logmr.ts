#!/usr/bin/env node
/**
 * The `logmr` that the shell runs. What takes long begins at the same time: a thread needs as long to start as the client
 * needs to come to its scan.
 */

import { launch } from "./bundle-script.js";
import type * as client from "./client.js";
import { startAhead } from "./start-ahead.js";

const ahead = startAhead(process.argv.slice(2), __dirname);
const { runCommand } = launch(__dirname, "client.js") as typeof client;
void runCommand(ahead);
