/**
 * Makes every process and thread that Node starts with `--require` of this file die, or hang, when it reads a certain byte
 * of a certain file. `DEADLY_READ` says how, as JSON: `how` (abort, throw, trap, exhaust, hang), `file` (the end of its path),
 * `at` (the byte), and, if it is only to happen so often, `times` and `counter` (a file that each time grows by a byte).
 * The product knows nothing of it.
 */

const fs = require("node:fs");
const { syncBuiltinESMExports } = require("node:module");

const readSync = fs.readSync;

const deeds = {
  // process.abort() is not for threads; the signal is the same.
  abort: () => {
    process.kill(process.pid, "SIGABRT");
    deeds.hang();
  },
  throw: () => {
    throw new TypeError("something undefined has no such property");
  },
  trap: () => {
    throw new WebAssembly.RuntimeError("unreachable");
  },
  exhaust: () => {
    for (const kept = []; ; ) kept.push(new Array(1_000_000).fill(0.5));
  },
  hang: () => {
    for (;;);
  },
};

function isDue(fault, descriptor, length, position) {
  if (position > fault.at || position + length <= fault.at) return false;
  if (!fs.readlinkSync(`/proc/self/fd/${descriptor}`).endsWith(fault.file)) return false;
  if (fault.times === undefined) return true;
  if (fs.existsSync(fault.counter) && fs.statSync(fault.counter).size >= fault.times) return false;
  fs.appendFileSync(fault.counter, ".");
  return true;
}

fs.readSync = (descriptor, target, offset, length, position) => {
  const text = process.env.DEADLY_READ;
  if (text !== undefined && typeof position === "number") {
    const fault = JSON.parse(text);
    if (isDue(fault, descriptor, length, position)) deeds[fault.how]();
  }
  return readSync(descriptor, target, offset, length, position);
};
syncBuiltinESMExports();
