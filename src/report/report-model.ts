/** What an access report says, before it is rendered: figures and texts as the log has them, nothing escaped or rounded. */

export interface PanelRow {
  /** Null where the log had none. */
  readonly label: string | null;
  readonly hits: number;
  /** Share of the report's requests, 0 to 1. */
  readonly share: number;
  /** Body bytes sent, as far as the log tells. */
  readonly bytes: bigint;
  /** What the label stands for, such as the name of a status code. */
  readonly note?: string;
  /** Hits of each hour of the row's day, 24 of them. */
  readonly hours?: readonly number[];
}

export interface Panel {
  readonly id: "requests" | "status" | "urls" | "hosts" | "not-found";
  readonly title: string;
  /** `timeline` and `table` list every row, in the order of their labels; a `ranking` lists the largest first. */
  readonly kind: "timeline" | "table" | "ranking";
  readonly rows: readonly PanelRow[];
  /** Different labels in all, of which `rows` may list the first. */
  readonly distinct: number;
}

export interface ReportSummary {
  readonly files: readonly string[];
  readonly logBytes: number;
  readonly lines: number;
  readonly unparsed: number;
  readonly requests: number;
  /** Requests by the first digit of their status: `2xx`, `3xx`, … */
  readonly statusClasses: Readonly<Record<string, number>>;
  /** Body bytes sent, as far as the log tells. */
  readonly transferred: bigint;
  /** Different client addresses. */
  readonly hosts: number;
  readonly urls: number;
  /** Microseconds since 1970 UTC; null without requests. */
  readonly firstTime: bigint | null;
  readonly lastTime: bigint | null;
}

export interface AccessReport {
  readonly summary: ReportSummary;
  readonly panels: readonly Panel[];
}
