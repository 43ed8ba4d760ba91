// The ways in which a command can end.
import { EngineError } from '../kubelet/engine/container-engine.ts';
import { NodeContainerError } from '../network/node-container.ts';
import { SourceError } from '../sync/commit-source.ts';
import { DeadlineExceeded } from '../system/deadline.ts';
import { type Parts } from './parts.ts';
import { printable } from './phrases.ts';
import { UsageFault } from './usage-fault.ts';

/** Told the exit code when a command has ended. */
export type Finish = (exitCode: number) => void;

/** One line for what people can mend; for our own mistakes a line, or the stack with HOLDFAST_DEBUG. */
export function errorText(error: unknown, parts: Pick<Parts, 'env'>): string {
  const wantsStack = (parts.env['HOLDFAST_DEBUG'] ?? '') !== '';
  if (wantsStack && error instanceof Error) return `holdfast: ${stackWithCauses(error)}`;
  const message = printable(error instanceof Error ? error.message : String(error));
  const isExpected =
    error instanceof UsageFault ||
    error instanceof EngineError ||
    error instanceof NodeContainerError ||
    error instanceof SourceError ||
    error instanceof DeadlineExceeded;
  return isExpected ? `holdfast: ${message}` : `holdfast: unexpected error: ${message} (HOLDFAST_DEBUG=1 shows where)`;
}

function stackWithCauses(error: Error): string {
  const own = error.stack ?? error.message;
  return error.cause instanceof Error ? `${own}\ncaused by ${stackWithCauses(error.cause)}` : own;
}
