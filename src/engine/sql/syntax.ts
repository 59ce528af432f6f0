/** The shape of a query as it was written, before names and types mean anything. */

/** Half-open interval of the query's text. */
export interface Place {
  readonly start: number;
  readonly end: number;
}

export type BinaryOperator = "+" | "-" | "*" | "/" | "//" | "%" | "||" | "=" | "<>" | "<" | "<=" | ">" | ">=";

export type SyntaxExpression = Place &
  (
    | { readonly kind: "number"; readonly text: string }
    | { readonly kind: "string"; readonly value: string }
    | { readonly kind: "boolean"; readonly value: boolean }
    | { readonly kind: "null" }
    /** `'…'` behind TIMESTAMP, DATE or INTERVAL. */
    | { readonly kind: "timestamp" | "interval"; readonly text: string }
    | { readonly kind: "name"; readonly qualifier: string | null; readonly name: string }
    | { readonly kind: "call"; readonly call: SyntaxCall }
    | { readonly kind: "negate" | "not"; readonly operand: SyntaxExpression }
    | {
        readonly kind: "binary";
        readonly operator: BinaryOperator;
        readonly left: SyntaxExpression;
        readonly right: SyntaxExpression;
      }
    /** Flat, so that a long chain is no deep tree. */
    | { readonly kind: "and" | "or"; readonly operands: readonly SyntaxExpression[] }
    | {
        readonly kind: "between";
        readonly operand: SyntaxExpression;
        readonly low: SyntaxExpression;
        readonly high: SyntaxExpression;
      }
    | { readonly kind: "in"; readonly operand: SyntaxExpression; readonly candidates: readonly SyntaxExpression[] }
    | { readonly kind: "matches"; readonly operand: SyntaxExpression; readonly pattern: SyntaxExpression }
    | {
        readonly kind: "like" | "ilike";
        readonly operand: SyntaxExpression;
        readonly pattern: SyntaxExpression;
      }
    | { readonly kind: "is-null"; readonly operand: SyntaxExpression }
    | { readonly kind: "is-boolean"; readonly operand: SyntaxExpression; readonly value: boolean }
    | {
        readonly kind: "cast";
        readonly operand: SyntaxExpression;
        readonly typeName: string;
        readonly typeStart: number;
      }
    | {
        readonly kind: "case";
        readonly branches: readonly { readonly when: SyntaxExpression; readonly value: SyntaxExpression }[];
        readonly otherwise: SyntaxExpression | null;
      }
  );

/** The expressions of one kind. */
export type SyntaxNode<Kind extends SyntaxExpression["kind"]> = Extract<SyntaxExpression, { readonly kind: Kind }>;

export interface SyntaxCall {
  /** In lower case. */
  readonly name: string;
  readonly arguments: readonly SyntaxExpression[];
  /** `f(*)`. */
  readonly star: boolean;
  readonly distinct: boolean;
  readonly filter: SyntaxExpression | null;
}

export interface SyntaxItem {
  readonly expression: SyntaxExpression;
  readonly alias: string | null;
}

export interface SyntaxSortKey {
  readonly expression: SyntaxExpression;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}

export interface SyntaxSelect {
  readonly distinct: boolean;
  readonly items: readonly SyntaxItem[];
  /** Each `*` of the select list, and how many items stand before it. */
  readonly stars: readonly (Place & { readonly before: number })[];
  /** The quoted text of FROM; null for `logs` and for none. */
  readonly from: string | null;
  /** `FROM unparsed(…)`: the lines that are no rows. */
  readonly isOfUnparsed: boolean;
  /** Names that may qualify a column. */
  readonly qualifiers: readonly string[];
  readonly where: SyntaxExpression | null;
  /** `all`: every selected expression without an aggregate. */
  readonly groupBy: readonly SyntaxExpression[] | "all";
  readonly having: SyntaxExpression | null;
  readonly orderBy: readonly SyntaxSortKey[];
  readonly limit: number | null;
  readonly offset: number;
}
