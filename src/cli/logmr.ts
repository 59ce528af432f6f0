/**
 * `logmr`, the client: one file a command in `commands/`, loaded when it is used. Results go to stdout, everything else to
 * stderr; `exit-codes.ts` says how it ends.
 */

import { Command, CommanderError } from "commander";
import { packageVersion } from "../base/package-root.js";
import { safeLines } from "../base/safe-text.js";
import { CommandError, EXIT, exitCodeOf } from "./exit-codes.js";
import { COMMANDS, type LazyCommand } from "./lazy-commands.js";

const EXAMPLES = `
Examples:
  logmr query "SELECT status, count(*) AS hits GROUP BY status ORDER BY hits DESC" access.log
  logmr query "SELECT url, sum(bytes) AS sent WHERE status < 400 GROUP BY url ORDER BY sent DESC LIMIT 10" 'logs/*.log'
  zcat access.log.gz | logmr query "SELECT date_trunc('hour', time) AS hour, count(*) GROUP BY 1" -
  logmr report access.log
  logmr submit --node localhost:7401 "SELECT status, count(*) FROM 'web:*.log' GROUP BY status"
`;

/** The command that runs is loaded; the others stand in the help only. */
async function programFor(name: string | undefined): Promise<Command> {
  const program = new Command("logmr")
    .description("Ask SQL questions of log files where they lie: on this machine, or on many")
    .version(packageVersion())
    .showHelpAfterError("(logmr --help lists the commands)")
    .addHelpText("after", EXAMPLES)
    .exitOverride();
  for (const entry of COMMANDS) {
    const command = entry.name === name ? await entry.load() : placeholder(entry);
    program.addCommand(command.exitOverride());
  }
  return program;
}

const placeholder = (entry: LazyCommand): Command =>
  new Command(entry.name).usage(entry.usage).description(entry.description);

/** A reader that went away, such as `head`, has all it wanted: that is no error. */
function endWithOutput(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(process.exitCode ?? EXIT.done);
    process.stderr.write(`logmr: cannot write the output: ${error.message}\n`);
    process.exit(EXIT.internal);
  });
  // Notes and progress that nobody reads must not cost the answer.
  process.stderr.on("error", () => undefined);
}

/** Want of memory or disk: the message says what to do, and a stack would not help. */
const EXPLAINED_ERRORS: ReadonlySet<string> = new Set(["SpillError", "KernelError"]);

function reportFailure(error: unknown): void {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? EXIT.done : EXIT.usage;
    return;
  }
  const code = exitCodeOf(error);
  const isExplained = error instanceof Error && (error instanceof CommandError || EXPLAINED_ERRORS.has(error.name));
  const isBug = code === EXIT.internal && error instanceof Error && !isExplained;
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`logmr: ${safeLines(isBug ? (error.stack ?? message) : message)}\n`);
  process.exitCode = code;
}

/** Runs one command to its end; `process.exitCode` says how it went. Never rejects. */
export async function runClient(arguments_: readonly string[]): Promise<void> {
  endWithOutput();
  try {
    const name = arguments_[0] === "help" ? arguments_[1] : arguments_[0];
    const program = await programFor(name);
    if (arguments_.length === 0) program.outputHelp();
    else await program.parseAsync(arguments_, { from: "user" });
  } catch (error) {
    reportFailure(error);
  }
}
