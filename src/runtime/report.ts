/** What an event says. */
export interface Report {
  /** A CamelCase word. */
  readonly reason: string;
  /** A sentence for a person. Never a secret. */
  readonly message: string;
  readonly severity: 'Normal' | 'Warning';
  /** Who says so: the name of a controller. */
  readonly component: string;
  /** Set for what must be heard however much else is told: it is neither combined nor left out. */
  readonly isSpared?: true;
}
