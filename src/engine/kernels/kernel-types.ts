/** The shapes that several kernels have in common: whoever picks one of them at run time calls it by its type. */

import type { Address, VectorAddress } from "./kernel-exports.js";

export type CompareKernel = (
  operator: number,
  left: VectorAddress,
  right: VectorAddress,
  out: VectorAddress,
  rows: number,
) => void;

/** Returns for how many live rows a token did not convert; without `live`, 0. `kinds` is 0 where tokens stand for themselves. */
export type ConvertKernel = (
  tokens: VectorAddress,
  kinds: Address,
  live: Address,
  out: VectorAddress,
  rows: number,
) => number;

export type InKernel = (
  column: VectorAddress,
  list: Address,
  count: number,
  listHasNull: number,
  out: VectorAddress,
  rows: number,
) => void;

export type PairKernel = (left: VectorAddress, right: VectorAddress, out: VectorAddress, rows: number) => void;

export type ChooseKernel = (
  condition: VectorAddress,
  value: VectorAddress,
  otherwise: VectorAddress,
  out: VectorAddress,
  rows: number,
) => void;

export type UpdateKernel = (
  groups: Address,
  selection: Address,
  count: number,
  column: VectorAddress,
  offset: number,
) => void;

export type MergeKernel = (groups: Address, sources: Address, count: number, offset: number) => void;
