// HorizontalPodAutoscalers that cannot work: the wrong kind of target, no requests to measure against, two of them at one target; and those
// whose work every commit undoes.
import type { Container, MetricSpec, PodSpec } from '../../model/resource.ts';
import type { Path } from '../place.ts';
import type { Facts, FactsOf } from './facts.ts';
import type { ObjectSet, Spot, Tell } from './object-set.ts';
import type { PodGroup } from './pod-index.ts';
import { groupOf, scalableKinds } from './references-of.ts';

type Autoscaler = FactsOf<'HorizontalPodAutoscaler'>;

/** Kinds that have pods and no scale. */
const unscalable: ReadonlySet<string> = new Set(['DaemonSet', 'Job', 'CronJob', 'Pod']);
/** How many containers a message names. */
const MAX_NAMES = 3;
const targetPath: Path = ['spec', 'scaleTargetRef'];

export function checkAutoscaling(set: ObjectSet, tell: Tell): void {
  const autoscalers = set.ofKind('HorizontalPodAutoscaler');
  if (autoscalers.length === 0) return;
  const firsts = new Map<Facts, Autoscaler>();
  for (const at of autoscalers) {
    checkTargetKind(at, tell);
    const target = targetOf(at, set);
    if (target === undefined) continue;
    const first = firsts.get(target);
    if (first !== undefined) {
      const name = `${target.key.kind.toLowerCase()}/${target.key.name}`;
      tell({
        at,
        path: targetPath,
        severity: 'error',
        reason: 'Conflict',
        message: (other) => `${name} is scaled by ${other} already`,
        other: { at: first, path: targetPath },
      });
      continue;
    }
    firsts.set(target, at);
    checkRequests(at, target, set, tell);
    tellReplicas(at, target, tell);
  }
  checkAmbiguity(firsts, set, tell);
}

function targetOf(at: Autoscaler, set: ObjectSet): Facts | undefined {
  const reference = at.references.find(({ path }) => path[1] === 'scaleTargetRef');
  return reference === undefined ? undefined : set.byId(reference.id);
}

/** The target is looked for by group and kind (Kubernetes, the REST mapper of the autoscaler), so the group must be right. */
function checkTargetKind(at: Autoscaler, tell: Tell): void {
  const { kind, apiVersion = '' } = at.resource.spec.scaleTargetRef;
  const groups = scalableKinds.get(kind);
  if (unscalable.has(kind)) {
    const message = `a ${kind} cannot be scaled; name one of ${[...scalableKinds.keys()].join(', ')}`;
    tell({ at, path: [...targetPath, 'kind'], severity: 'error', reason: 'Invalid', message });
  } else if (groups !== undefined && !groups.includes(groupOf(apiVersion))) {
    const right = groups[0] === '' ? 'v1' : `${groups[0]}/v1`;
    const message = `there is no ${kind} in ${apiVersion === '' ? 'v1' : apiVersion}; write ${right}`;
    tell({ at, path: [...targetPath, 'apiVersion'], severity: 'error', reason: 'Invalid', message });
  }
}

/** Use is a share of what was requested: without a request there is none (Kubernetes, calculateRequests of podautoscaler). */
function checkRequests(at: Autoscaler, target: Facts, set: ObjectSet, tell: Tell): void {
  if (target.pods === undefined) return;
  const { spec } = target.pods;
  const other: Spot = { at: target, path: target.pods.path };
  for (const [index, metric] of (at.resource.spec.metrics ?? []).entries()) {
    const measured = measuredBy(metric);
    if (measured === undefined) continue;
    const { resource, container, field } = measured;
    const path = ['spec', 'metrics', index, field];
    const running = runningContainers(spec).filter(({ name }) => container === undefined || name === container);
    if (container !== undefined && running.length === 0) {
      const message = (name: string): string => `${name} has no container "${container}".`;
      const wrong = { word: container, among: () => runningContainers(spec).map(({ name }) => name) };
      tell({ at, path: [...path, 'container'], severity: 'error', reason: 'NotFound', message, other, wrong });
      continue;
    }
    if (!measured.isShare || has(spec.resources?.requests, resource)) continue;
    // A limit without a request is the request.
    const lacking = running.filter(({ resources }) => !has(resources?.requests, resource) && !has(resources?.limits, resource));
    if (lacking.length === 0 || areFilledIn(resource, at.key.namespace, set)) continue;
    const message = (name: string): string =>
      `missing request for ${resource} in ${containersNamed(lacking)} of ${name}: its use cannot be measured`;
    tell({ at, path: [...path, 'name'], severity: 'error', reason: 'Required', message, other });
  }
}

function has(amounts: object | undefined, resource: string): boolean {
  return amounts !== undefined && Object.hasOwn(amounts, resource);
}

function containersNamed(containers: readonly Container[]): string {
  const names = containers.slice(0, MAX_NAMES).map(({ name }) => `"${name}"`);
  const rest = containers.length - names.length;
  return `${containers.length === 1 ? 'container' : 'containers'} ${names.join(', ')}${rest === 0 ? '' : ` and ${rest} more`}`;
}

interface Measured {
  readonly resource: string;
  readonly container?: string;
  readonly field: 'resource' | 'containerResource';
  /** Whether the target is a share of the request, not an amount. */
  readonly isShare: boolean;
}

function measuredBy({ resource, containerResource }: MetricSpec): Measured | undefined {
  const source = resource ?? containerResource;
  if (source === undefined) return undefined;
  const isShare = source.target.averageUtilization !== undefined;
  if (containerResource === undefined) return { resource: source.name, field: 'resource', isShare };
  return { resource: source.name, container: containerResource.container, field: 'containerResource', isShare };
}

function runningContainers({ containers, initContainers = [] }: PodSpec): readonly Container[] {
  return [...containers, ...initContainers.filter(({ restartPolicy }) => restartPolicy === 'Always')];
}

/** A LimitRange gives requests to containers that have none. */
function areFilledIn(resource: string, namespace: string, set: ObjectSet): boolean {
  if (set.surroundings.hasLimits(namespace)) return true;
  const ranges = set.ofKind('LimitRange').filter(({ key }) => key.namespace === namespace);
  return ranges.some(({ resource: { spec } }) =>
    (spec?.limits ?? []).some(
      ({ type, default: limit, defaultRequest }) =>
        type === 'Container' && (has(defaultRequest, resource) || has(limit, resource)),
    ),
  );
}

function tellReplicas(at: Autoscaler, target: Facts, tell: Tell): void {
  tell({
    at: target,
    path: ['spec', 'replicas'],
    severity: 'note',
    reason: 'Conflict',
    message: (other) =>
      `${other} sets the number of pods, and every sync would set it back; leave replicas out, or remove the autoscaler`,
    other: { at, path: [] },
    isAboutWritten: true,
  });
}

/** An autoscaler stops when its pods belong to the target of another one too (Kubernetes, condition AmbiguousSelector). */
function checkAmbiguity(autoscalers: ReadonlyMap<Facts, Autoscaler>, set: ObjectSet, tell: Tell): void {
  const targets = new Map<PodGroup | undefined, Facts[]>();
  for (const target of autoscalers.keys()) {
    const group = set.pods.groupOf(target);
    const ofGroup = targets.get(group);
    if (ofGroup === undefined) targets.set(group, [target]);
    else ofGroup.push(target);
  }
  const told = new Set<Autoscaler>();
  for (const [target, at] of autoscalers) {
    const groups = set.pods.select(target) ?? [];
    const other = groups.flatMap((group) => targets.get(group)?.slice(0, 2) ?? []).find((candidate) => candidate !== target);
    const rival = other === undefined ? undefined : autoscalers.get(other);
    if (rival === undefined) continue;
    const [first, second] = set.isBefore(at, rival) ? [at, rival] : [rival, at];
    if (told.has(second)) continue;
    told.add(second);
    const message = (name: string): string => `the pods are those of ${name} as well: neither can tell how many there should be`;
    tell({
      at: second,
      path: targetPath,
      severity: 'error',
      reason: 'Conflict',
      message,
      other: { at: first, path: targetPath },
    });
  }
}
