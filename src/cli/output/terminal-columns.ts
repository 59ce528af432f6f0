const DEFAULT_COLUMNS = 80;

/** The width to keep to on a terminal; one that does not know its own says 0, or nothing. */
export const terminalColumns = ({ columns }: { readonly columns?: number }): number =>
  columns === undefined || columns === 0 ? DEFAULT_COLUMNS : columns;
