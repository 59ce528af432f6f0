/**
 * The kernels: everything that is done once a byte or once a row. Each file holds one concern and exports functions over
 * columns of a batch; the typed host in the folder above sequences them and owns all memory. No kernel allocates: where
 * room runs out, it stops and says how far it came.
 */

export * from "./access-lines";
export * from "./aggregates";
export * from "./arithmetic";
export * from "./best-details";
export * from "./check-rows";
export * from "./clf-time";
export * from "./compare";
export * from "./csv";
export * from "./derive";
export * from "./detail-memo";
export * from "./details";
export * from "./group-keys";
export * from "./group-table";
export { beginInflation, inflate, prepareInflation } from "./inflate";
export * from "./integers";
export * from "./json";
export * from "./like";
export * from "./lines";
export * from "./link-rows";
export * from "./logfmt";
export * from "./logic";
export * from "./places";
export * from "./rank-rows";
export * from "./regex";
export * from "./remembered";
export * from "./request";
export * from "./sieve-lines";
export * from "./sort-rows";
export * from "./strings";
export * from "./timestamps";
export * from "./tokenizer";
export * from "./tokens";
export * from "./untils";
export * from "./values";

/** First address that the module itself does not use. */
export function heapBase(): usize {
  return __heap_base;
}
