/** The port for bytes: where a scan reads from. Synchronous, for scanning threads only. */

export interface ByteReader {
  /**
   * Reads up to `target.length` bytes at `position` into `target`; returns how many. 0 means there are no more. Throws
   * an Error with a `code` of the operating system when the read fails.
   */
  read(target: Uint8Array, position: number): number;
  close(): void;
}
