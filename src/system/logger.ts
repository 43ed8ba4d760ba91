// What the rooms know of logging. pino satisfies it; so does a recorder in tests.

type Fields = Readonly<Record<string, unknown>>;

/** Structured log: constant message, fields beside it. Never give it a secret. */
export interface Logger {
  debug(fields: Fields, message: string): void;
  info(fields: Fields, message: string): void;
  warn(fields: Fields, message: string): void;
  error(fields: Fields, message: string): void;
}

/** A logger that says nothing. */
export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };
