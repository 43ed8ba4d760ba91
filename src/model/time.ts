// Times cross the model as RFC 3339 text in whole seconds, as Kubernetes' metav1.Time; planners get `now` in epoch milliseconds.

/** Epoch milliseconds → `2026-01-31T12:00:00Z`. */
export function toRfc3339(epochMs: number): string {
  return `${new Date(Math.floor(epochMs / 1000) * 1000).toISOString().slice(0, 19)}Z`;
}

/** RFC 3339 → epoch milliseconds; NaN for anything else. */
export function fromRfc3339(text: string): number {
  return Date.parse(text);
}
