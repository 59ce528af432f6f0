/**
 * Host of the kernels: WebAssembly with SIMD, compiled from `assembly/`, that does everything that is done once a byte or
 * once a row. A thread has one instance with a shared memory of its own, which other threads may read. The module itself
 * can be sent to worker threads.
 */

import { readFileSync } from "node:fs";
import { builtFile } from "../../base/package-root.js";
import type { KernelExports } from "./kernel-exports.js";
import { LinearMemory } from "./linear-memory.js";

/** Compiles the built kernels; about a millisecond. */
export function compileKernels(): WebAssembly.Module {
  return new WebAssembly.Module(readFileSync(builtFile("kernels.wasm")));
}

export class Kernels {
  readonly call: KernelExports;
  readonly memory: LinearMemory;

  private constructor(call: KernelExports, memory: LinearMemory) {
    this.call = call;
    this.memory = memory;
  }

  /** With a memory of its own, or one that another thread made to share it. */
  static instantiate(module: WebAssembly.Module = compileKernels(), shared?: WebAssembly.Memory): Kernels {
    const memory = new LinearMemory(shared);
    const instance = new WebAssembly.Instance(module, { env: { memory: memory.memory } });
    const call = instance.exports as unknown as KernelExports;
    memory.startAt(call.heapBase() >>> 0);
    return new Kernels(call, memory);
  }
}
