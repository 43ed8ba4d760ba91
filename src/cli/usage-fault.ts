/** Something that a user has to mend before the command can work: no engine, no permission, another holder. Printed as one line, exit 1. */
export class UsageFault extends Error {
  readonly code = 'USAGE_FAULT';
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'UsageFault';
  }
}
