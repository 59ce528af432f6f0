/** Where in the logs each row of a batch stands, as the kernels of `first` and `last` take it: time, file, position. */

import { digestOf } from "../../base/digest.js";
import type { Address } from "../kernels/kernel-exports.js";
import type { Batch, Column } from "./batch.js";

const HASH_HEX_DIGITS = 16;

export class PlaceColumns {
  /** Of the addresses of the three columns. */
  readonly address: Address;
  readonly #batch: Batch;
  readonly #file: Column;

  constructor(batch: Batch, time: Column, position: Column) {
    this.#batch = batch;
    this.#file = batch.constant("i64", 0n);
    this.address = batch.storeWords([time.vector, this.#file.vector, position.vector]);
  }

  /** The file of the batches that follow. Its hash does not depend on the other files of the job, as a number would. */
  setOrigin(fileName: string, nodeName: string | null): void {
    const digest = digestOf(JSON.stringify([fileName, nodeName])).slice(0, HASH_HEX_DIGITS);
    this.#batch.setConstant(this.#file, BigInt.asIntN(64, BigInt(`0x${digest}`)));
  }
}
