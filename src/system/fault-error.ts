// Errors of ports: what can go wrong in a call is a closed list, so that whoever catches one can decide by it.

/** A call failed in one of the ways that its port knows. The message is for people. */
export abstract class FaultError<Fault extends string> extends Error {
  abstract override readonly name: string;
  /** The same for all errors of one port. */
  abstract readonly code: string;
  readonly fault: Fault;
  constructor(fault: Fault, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.fault = fault;
  }
}
