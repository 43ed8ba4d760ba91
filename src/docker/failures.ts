// Docker's failures → the kubelet's closed list. By status code wherever there is one.
import { EngineError, type EngineFault } from '../kubelet/engine/container-engine.ts';

/** The engine answered with a status that the call does not expect. */
export class RefusedByEngine extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.name = 'RefusedByEngine';
    this.status = status;
  }
}

/** System errors of a connection, in words. */
const DIAL_FAILURES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ENOENT: 'no such socket',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'the host name cannot be resolved now',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to the network',
  ETIMEDOUT: 'no answer in time',
};
const FAULT_OF_STATUS: Readonly<Record<number, EngineFault>> = {
  400: 'Invalid',
  403: 'Conflict',
  404: 'NotFound',
  409: 'Conflict',
  503: 'Unreachable',
};

/** Any failure of a call as an EngineError. `address` is the engine's, as a person writes it. */
export function toEngineError(error: unknown, what: string, address: string): EngineError {
  if (error instanceof EngineError) return error;
  if (error instanceof RefusedByEngine)
    return new EngineError(FAULT_OF_STATUS[error.status] ?? 'Failed', `${what}: ${error.message}`, { cause: error });
  const code = codeOf(error);
  const words = DIAL_FAILURES[code];
  const message = error instanceof Error ? error.message : String(error);
  if (words !== undefined)
    return new EngineError('Unreachable', `no Docker Engine answers at ${address} (${words}): is it running?`, { cause: error });
  if (code === 'EACCES' || code === 'EPERM')
    return new EngineError('Unreachable', `no permission to use ${address}: run as root or as a member of the group docker`, {
      cause: error,
    });
  return new EngineError('Unreachable', `${what}: the connection to ${address} failed: ${message}`, { cause: error });
}

/** A call that was given up by its signal. */
export function givenUp(what: string, signal: AbortSignal): EngineError {
  const reason: unknown = signal.reason;
  const why = reason instanceof Error ? reason.message : 'cancelled';
  return new EngineError('Unreachable', `${what}: given up: ${why}`, { cause: reason });
}

/** What registries and the engine say when trying again is of no use. Errors inside a pull's progress carry no status. */
const HOPELESS =
  /manifest unknown|name unknown|not found|denied|unauthorized|authentication required|no matching manifest|invalid reference/i;
/** Passing causes whose words contain those of lasting ones. */
const PASSING = /dial tcp|lookup |timeout|connection re(fused|set)|TLS handshake|toomanyrequests|EOF/i;

/** Why a pull failed: ImageUnavailable when trying again is of no use, else Unreachable. */
export function toPullError(reference: string, status: number | undefined, message: string, cause?: unknown): EngineError {
  const isHopeless = status !== undefined && status >= 400 && status < 500 ? status !== 429 : HOPELESS.test(message);
  const fault = isHopeless && !PASSING.test(message) ? 'ImageUnavailable' : 'Unreachable';
  return new EngineError(fault, `cannot pull ${reference}: ${message}`, { cause });
}

function codeOf(error: unknown): string {
  // A host name with several addresses fails with all their errors in one.
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  return first instanceof Error && 'code' in first && typeof first.code === 'string' ? first.code : '';
}
