/** How often a rule left a marker. */
export interface RedactionCount {
  readonly rule: string;
  readonly count: number;
}

/** Counts redactions by rule. */
export class Tally {
  private readonly counts = new Map<string, number>();

  add(rule: string): void {
    this.counts.set(rule, (this.counts.get(rule) ?? 0) + 1);
  }

  /** Sorted by rule. */
  list(): readonly RedactionCount[] {
    return [...this.counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([rule, count]) => ({ rule, count }));
  }
}
