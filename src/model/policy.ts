/** An accepted finding: somebody's decision, with a reason, an owner and an end. */
export interface Waiver {
  readonly check: string;
  /** `Kind/name` or `Kind.group/name`, `*` in the name; absent = any object. */
  readonly object?: string;
  /** Organization ids; absent = every organization. */
  readonly orgs?: readonly string[];
  /** Namespaces, `*` matches any run of characters. */
  readonly namespaces?: readonly string[];
  readonly reason: string;
  readonly owner: string;
  /** `YYYY-MM-DD`, the last day on which it holds. */
  readonly expires: string;
  /** File that it stands in. */
  readonly source: string;
}

/** A finding that was there before; only what is new counts for the exit code. */
export interface BaselineEntry {
  readonly id: string;
  readonly check: string;
  readonly object?: string;
  readonly since?: string;
}

export interface Policy {
  readonly waivers: readonly Waiver[];
  readonly baseline?: readonly BaselineEntry[];
}
