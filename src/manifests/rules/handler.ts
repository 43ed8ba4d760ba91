// Rules for what probes and hooks do (Kubernetes, validateHandler).
import type {
  Container,
  GrpcAction,
  HttpGetAction,
  IntOrString,
  Lifecycle,
  SleepAction,
  TcpSocketAction,
} from '../../model/resource.ts';
import type { Path } from '../place.ts';
import { forbidden, invalid, notFound, type Report, required, unsupported } from '../report.ts';
import { eachOf, holds } from './fault.ts';
import type { PodScope } from './pod-scope.ts';
import { checkHeaderName, checkPortName, checkPortNumber } from './syntax.ts';

/** The ways that a probe or a hook may have, one of them. */
export interface Handlers {
  readonly exec?: object;
  readonly httpGet?: HttpGetAction;
  readonly tcpSocket?: TcpSocketAction;
  readonly grpc?: GrpcAction;
  readonly sleep?: SleepAction;
}

const kinds = ['exec', 'httpGet', 'tcpSocket', 'grpc', 'sleep'] as const;

/** Exactly one handler, which names a port that is there. */
export function checkHandlers(handlers: Handlers, container: Container, path: Path, scope: PodScope, report: Report): void {
  const given = kinds.filter((kind) => handlers[kind] !== undefined);
  if (given.length === 0) report(path, 'Required', required('must specify a handler type'));
  for (const extra of given.slice(1)) report([...path, extra], 'Invalid', forbidden('may not specify more than 1 handler type'));
  const { httpGet, tcpSocket, grpc, sleep } = handlers;
  if (httpGet !== undefined) checkPort(httpGet.port, container, [...path, 'httpGet', 'port'], report);
  for (const [{ name }, here] of eachOf(httpGet?.httpHeaders, [...path, 'httpGet', 'httpHeaders']))
    holds(checkHeaderName(name), name, [...here, 'name'], report);
  if (tcpSocket !== undefined) checkPort(tcpSocket.port, container, [...path, 'tcpSocket', 'port'], report);
  if (grpc !== undefined) holds(checkPortNumber(grpc.port), grpc.port, [...path, 'grpc', 'port'], report);
  const { graceSeconds } = scope;
  if (sleep !== undefined && graceSeconds !== undefined && (sleep.seconds < 0 || sleep.seconds > graceSeconds))
    report(
      [...path, 'sleep', 'seconds'],
      'Invalid',
      invalid(sleep.seconds, `must be non-negative and less than terminationGracePeriodSeconds (${graceSeconds})`),
    );
}

/** A name must be that of a port of the container: what names no port could never succeed. */
function checkPort(port: IntOrString, { ports }: Container, path: Path, report: Report): void {
  const fault = typeof port === 'number' ? checkPortNumber(port) : checkPortName(port);
  if (!holds(fault, port, path, report)) return;
  if (typeof port === 'string' && !(ports ?? []).some(({ name }) => name === port)) report(path, 'NotFound', notFound(port));
}

/** The hooks of a container. */
export function checkLifecycle(container: Container, path: Path, scope: PodScope, report: Report): void {
  const lifecycle: Lifecycle = container.lifecycle ?? {};
  for (const hook of ['postStart', 'preStop'] as const) {
    const handlers = lifecycle[hook];
    if (handlers !== undefined) checkHandlers(handlers, container, [...path, hook], scope, report);
  }
  const { stopSignal } = lifecycle;
  const here = [...path, 'stopSignal'];
  if (stopSignal === undefined) return;
  if (scope.osName === undefined) report(here, 'Invalid', forbidden('may not be set for containers with empty `spec.os.name`'));
  else if (scope.osName === 'windows' && !['SIGKILL', 'SIGTERM'].includes(stopSignal))
    report(here, 'Invalid', unsupported(stopSignal, ['SIGKILL', 'SIGTERM']));
}
