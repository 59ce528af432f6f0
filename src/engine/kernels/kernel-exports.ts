/**
 * The kernels as TypeScript sees them. `Address` arguments point into the kernels' memory; meanings are documented at the
 * kernels. Returned addresses beyond 2 GiB come out negative: apply `>>> 0`.
 */

import type {
  ChooseKernel,
  CompareKernel,
  ConvertKernel,
  InKernel,
  MergeKernel,
  PairKernel,
  UpdateKernel,
} from "./kernel-types.js";

/** A byte offset in the kernels' memory. */
export type Address = number;
/** Address of a column's descriptor. */
export type VectorAddress = Address;

export interface KernelExports {
  heapBase(): Address;

  splitLines(split: Address, lines: Address, maxLines: number, batchBytes: number): number;
  sieveLines(split: Address, lines: Address, maxLines: number, batchBytes: number, needle: Address): number;
  findNewline(from: Address, end: Address): Address;
  copyLines(lines: Address, rows: number, values: Address): void;
  positionLines(lines: Address, rows: number, origin: bigint, out: VectorAddress): void;

  prepareInflation(inflation: Address): void;
  beginInflation(inflation: Address): void;
  inflate(inflation: Address): number;

  takeAccessLines(lines: Address, rows: number, access: Address): number;
  takeUntils(lines: Address, rows: number, first: number, second: number, count: number, outs: Address): number;
  takeLiteral(lines: Address, rows: number, text: bigint, length: number, isOptional: number): number;
  takeClfTime(lines: Address, rows: number, suffix: bigint, suffixLength: number, out: VectorAddress): number;
  takeInteger(lines: Address, rows: number, delimiter: number, mayEnd: number, out: VectorAddress): number;
  takeQuoted(
    lines: Address,
    rows: number,
    suffix: bigint,
    suffixLength: number,
    isOptional: number,
    out: VectorAddress,
  ): number;
  markParsed(lines: Address, rows: number, out: Address): void;

  takeUntilText(
    lines: Address,
    rows: number,
    text: bigint,
    length: number,
    mayEnd: number,
    isOptional: number,
    out: VectorAddress,
  ): number;
  takeUntilAny(lines: Address, rows: number, delimiters: number, isOptional: number, out: VectorAddress): number;
  takeRest(lines: Address, rows: number, isOptional: number, out: VectorAddress): number;
  skipSpaces(lines: Address, rows: number): number;
  takeBetween(
    lines: Address,
    rows: number,
    open: bigint,
    openLength: number,
    close: bigint,
    closeLength: number,
    out: VectorAddress,
  ): number;
  takeTime(
    lines: Address,
    rows: number,
    layout: number,
    parameter: bigint,
    isOptional: number,
    out: VectorAddress,
  ): number;
  takeStructuredData(lines: Address, rows: number, isOptional: number, out: VectorAddress): number;
  rejectByte(lines: Address, rows: number, byte: number): number;
  countOthers(lines: Address, rows: number, prefix: Address, whole: Address): number;
  requireValues(lines: Address, rows: number, column: VectorAddress): number;
  requireConversions(lines: Address, rows: number, tokens: VectorAddress, column: VectorAddress): number;
  enterTexts(lines: Address, rows: number, column: VectorAddress): void;

  takeJson(lines: Address, rows: number, program: Address): number;
  takeLogfmt(lines: Address, rows: number, program: Address): number;
  takeCsv(
    lines: Address,
    rows: number,
    delimiter: number,
    columns: number,
    slots: Address,
    header: Address,
    program: Address,
  ): number;

  convertIntegers: ConvertKernel;
  convertBools: ConvertKernel;
  convertDoubles(
    tokens: VectorAddress,
    kinds: Address,
    divisor: number,
    live: Address,
    out: VectorAddress,
    slow: Address,
    rows: number,
  ): number;
  convertTimes(
    tokens: VectorAddress,
    kinds: Address,
    layout: number,
    parameter: bigint,
    live: Address,
    out: VectorAddress,
    rows: number,
  ): number;
  escapedBytes(tokens: VectorAddress, kinds: Address, rows: number): bigint;
  convertTexts(
    tokens: VectorAddress,
    kinds: Address,
    isCsv: number,
    target: Address,
    out: VectorAddress,
    rows: number,
  ): void;

  splitLast(
    text: VectorAddress,
    delimiter: number,
    wholeIsBehind: number,
    before: VectorAddress,
    behind: VectorAddress,
    rows: number,
  ): void;
  splitPriority(
    priority: VectorAddress,
    severities: Address,
    facilities: Address,
    severity: VectorAddress,
    facility: VectorAddress,
    rows: number,
  ): void;
  joinUrls(path: VectorAddress, query: VectorAddress, target: Address, out: VectorAddress, rows: number): void;
  firstOfArrays(text: VectorAddress, out: VectorAddress, rows: number): void;

  splitRequests(
    request: VectorAddress,
    live: Address,
    method: VectorAddress,
    url: VectorAddress,
    protocol: VectorAddress,
    rows: number,
  ): number;
  splitUrls(url: VectorAddress, path: VectorAddress, query: VectorAddress, rows: number): void;

  compareIntegers: CompareKernel;
  compareDoubles: CompareKernel;
  compareBools: CompareKernel;
  compareStrings: CompareKernel;
  testNull(column: VectorAddress, out: VectorAddress, rows: number): void;
  integersIn: InKernel;
  stringsIn: InKernel;

  andBools: PairKernel;
  orBools: PairKernel;
  notBools(column: VectorAddress, out: VectorAddress, rows: number): void;
  coalesceWide: PairKernel;
  coalesceBools: PairKernel;
  chooseWide: ChooseKernel;
  chooseBools: ChooseKernel;
  nullUnless(condition: VectorAddress, column: VectorAddress, out: VectorAddress, rows: number): void;
  keepTrue(condition: VectorAddress, live: Address, rows: number): void;
  invertLive(live: Address, rows: number): void;
  selectLive(live: Address, rows: number, selection: Address): number;
  widenBounds(column: VectorAddress, live: Address, bounds: Address, rows: number): void;

  truncateTime(
    time: VectorAddress,
    fixedMicros: bigint,
    originMicros: bigint,
    months: number,
    out: VectorAddress,
    rows: number,
  ): void;
  countTimeUnits(
    time: VectorAddress,
    unitMicros: bigint,
    originMicros: bigint,
    modulus: bigint,
    out: VectorAddress,
    rows: number,
  ): void;
  calculateIntegers(
    operator: number,
    left: VectorAddress,
    right: VectorAddress,
    live: Address,
    out: VectorAddress,
    rows: number,
  ): number;
  calculateDoubles: CompareKernel;
  integersToDoubles(column: VectorAddress, out: VectorAddress, rows: number): void;
  doublesToIntegers(column: VectorAddress, live: Address, out: VectorAddress, rows: number): number;
  stringsToIntegers(column: VectorAddress, live: Address, out: VectorAddress, rows: number): number;
  boolsToIntegers(column: VectorAddress, out: VectorAddress, rows: number): void;

  findStrings: CompareKernel;
  likeStrings(text: VectorAddress, pattern: Address, out: VectorAddress, rows: number): void;
  matchPattern(text: VectorAddress, automaton: Address, out: VectorAddress, rows: number): void;
  measureStrings(text: VectorAddress, out: VectorAddress, rows: number): void;
  stringBytes(text: VectorAddress, rows: number): bigint;
  foldCase(text: VectorAddress, firstLetter: number, target: Address, out: VectorAddress, rows: number): void;
  joinStrings(left: VectorAddress, right: VectorAddress, target: Address, out: VectorAddress, rows: number): void;
  listUnknown(groups: Address, count: number, list: Address): number;
  recallResults(
    groups: Address,
    selection: Address,
    count: number,
    isBool: number,
    out: VectorAddress,
    rows: number,
  ): number;
  classifyStatus(status: VectorAddress, names: Address, out: VectorAddress, rows: number): void;

  widenBools(column: VectorAddress, out: VectorAddress, rows: number): void;
  orderDoubles(column: VectorAddress, out: VectorAddress, rows: number): void;
  lookupSingleGroup(table: Address, groups: Address, count: number): number;
  probeStrings(column: VectorAddress, selection: Address, count: number, probe: Address): void;
  probeFixed(column: VectorAddress, selection: Address, count: number, probe: Address): void;
  lookupFixed(
    table: Address,
    column: VectorAddress,
    selection: Address,
    groups: Address,
    scratch: Address,
    from: number,
    end: number,
  ): number;
  composedBytes(columns: Address, columnCount: number, selection: Address, count: number): bigint;
  composeKeys(
    columns: Address,
    columnCount: number,
    fixedCount: number,
    selection: Address,
    count: number,
    scratch: Address,
    probe: Address,
  ): void;
  lookupGroups(table: Address, probe: Address, from: number, end: number): number;
  reenterSlots(table: Address, from: Address, end: Address): void;
  probeRows(table: Address, probe: Address, sources: Address, from: Address, end: Address, maxRows: number): number;
  endOfWholeRows(table: Address, from: Address, end: Address): Address;

  countRows(groups: Address, count: number, offset: number): void;
  countValues: UpdateKernel;
  sumValues: UpdateKernel;
  minValues: UpdateKernel;
  maxValues: UpdateKernel;
  mergeCounts: MergeKernel;
  mergeSums: MergeKernel;
  mergeMins: MergeKernel;
  mergeMaxes: MergeKernel;

  selectKnown(column: VectorAddress, selection: Address, count: number, out: Address): number;
  noteGroups(memo: Address, selection: Address, groups: Address, count: number): void;
  recallDetails(memo: Address, selection: Address, count: number, keys: VectorAddress): number;
  keepDetails(memo: Address, keys: VectorAddress, rows: Address, count: number): void;
  binDoubles(ordered: VectorAddress, out: VectorAddress, rows: number): void;
  rankValues(
    column: VectorAddress,
    isString: number,
    bits: number,
    register: VectorAddress,
    rank: VectorAddress,
    rows: number,
  ): void;
  splitDoubles(column: VectorAddress, key: VectorAddress, part: VectorAddress, rows: number): void;
  splitSquares(column: VectorAddress, half: number, key: VectorAddress, part: VectorAddress, rows: number): void;
  firstPlaces: UpdateKernel;
  lastPlaces: UpdateKernel;
  mergeFirstPlaces: MergeKernel;
  mergeLastPlaces: MergeKernel;

  rankRows(
    table: Address,
    from: Address,
    end: Address,
    offset: number,
    kind: number,
    rows: Address,
    values: Address,
  ): number;
  rowsAhead(
    rows: Address,
    values: Address,
    from: number,
    end: number,
    sign: number,
    missing: number,
    worst: number,
    out: Address,
  ): number;

  listDetails(table: Address, from: Address, end: Address, valueOffset: number, entries: Address): Address;
  sortByOrder(entries: Address, count: number, scratch: Address, counters: Address, digits: number): void;
  noteBestDetails(
    details: Address,
    from: Address,
    count: number,
    found: Address,
    first: number,
    second: number,
    fixedCount: number,
    stringCount: number,
    detailKey: number,
  ): void;
  listBestDetails(groups: Address, from: Address, end: Address, entries: Address): Address;
  listGroupHashes(
    details: Address,
    from: Address,
    end: Address,
    fixedCount: number,
    stringCount: number,
    isString: number,
    scratch: Address,
    entries: Address,
  ): Address;
  probeDetailGroups(
    details: Address,
    from: Address,
    end: Address,
    maxRows: number,
    fixedCount: number,
    stringCount: number,
    isString: number,
    scratch: Address,
    capacity: number,
    probe: Address,
    counted: Address,
  ): Address;
  linkEntries(
    groups: Address,
    details: Address,
    entries: Address,
    count: number,
    fixedCount: number,
    stringCount: number,
    isString: number,
    scratch: Address,
  ): void;

  checkRows(
    table: Address,
    previous: Address,
    from: Address,
    end: Address,
    fixedCount: number,
    stringCount: number,
  ): Address;
  listRows(table: Address, from: Address, end: Address, entries: Address): Address;
  scatterByDigit(source: Address, target: Address, count: number, shift: number, counters: Address): void;
  sortEntries(table: Address, entries: Address, count: number, scratch: Address, counters: Address): void;
  gatherRows(
    table: Address,
    entries: Address,
    from: number,
    end: number,
    target: Address,
    capacity: number,
    written: Address,
  ): number;
}
