// Why an object is as it is, as lines for a person: where it was written, how it is and who is to blame, what it waits for and until
// when, what happened last. Pure; reads the store only, so that it answers without a controller too.
import {
  type Application,
  type Condition,
  controllerOf,
  displayKey,
  type Event,
  type HealthCheckExpr,
  isNamespaced,
  type Kind,
  keyOf,
  type ResourceKey,
  type Stored,
  type StoredOf,
} from '../model/resource.ts';
import { nextRunMs, timetableOf } from '../model/schedule/cron-job.ts';
import { toZonedRfc3339 } from '../model/schedule/zone.ts';
import { fromRfc3339 } from '../model/time.ts';
import type { StoreReader } from '../store/store.ts';
import { applicationOf, isRecovered } from './applied.ts';
import { isBegun } from './decide.ts';
import { driftOfObject } from './drift-text.ts';
import { currentReplicaSet } from './health/deployment.ts';
import { healthOf } from './health/health.ts';
import { ingressLines } from './health/ingress.ts';
import { culpritMessage, podHealth, unreadyContainers } from './health/pod.ts';
import { keyOfEntry, liveOf } from './order.ts';
import { commitName, span } from './phrases.ts';
import { checksInForce } from './revision.ts';
import { applicationLines } from './why-application.ts';
import { broughtBackLines, removedLines } from './why-deleted.ts';
import { goneHookLines } from './why-hooks.ts';
import { nodeLines } from './why-node.ts';
import { podPolicyLines, policyLines } from './why-policy.ts';
import { serviceLines } from './why-service.ts';

/** Events that are shown. */
const SHOWN_EVENTS = 5;
/** Pods of one owner that are shown. */
const SHOWN_PODS = 10;

/** Explains an object, most important first; what belongs to a line is indented below it. `now` is epoch milliseconds. */
export function explain(key: ResourceKey, reader: StoreReader, now: number): readonly string[] {
  const object = liveOf(reader, key);
  if (object === undefined) return explainMissing(key, reader);
  if (object.kind === 'Application') return [...applicationLines(object, reader, now), ...eventLines(object, reader, now)];
  const health = healthOf(object, reader, checksOfOwner(object, reader));
  const state =
    object.metadata.deletionTimestamp === undefined
      ? health.state
      : `being deleted, by ${object.metadata.deletionTimestamp} at the latest`;
  return [
    `${displayKey(key)} is ${state}${health.message === '' ? '' : `: ${health.message}`}`,
    ...desireLines(object, reader),
    ...pauseLines(object),
    ...(object.kind === 'Node' ? nodeLines(object, reader) : []),
    ...(object.kind === 'Service' ? serviceLines(object, reader) : []),
    // What keeps it from being healthy was said already.
    ...(object.kind === 'Ingress' ? ingressLines(object, reader).filter((line) => line !== health.message) : []),
    ...(object.kind === 'Pod' ? podPolicyLines(object, reader) : []),
    ...(object.kind === 'NetworkPolicy' ? policyLines(object, reader) : []),
    ...scheduleLines(object, now),
    ...driftOfObject(object, reader, now),
    ...conditionLines(object),
    ...childLines(object, reader, now),
    ...eventLines(object, reader, now),
    ...underWayLines(object, reader, now),
  ];
}

/** What the application that declares the object asks of its health; hooks are judged by how they end. */
function checksOfOwner(object: Stored, reader: StoreReader): readonly HealthCheckExpr[] {
  const application = reader.get('Application', '', applicationOf(object) ?? '');
  const entry = application === undefined ? undefined : entryOf(application, keyOf(object));
  return application === undefined || entry === undefined || entry.hook !== undefined ? [] : checksInForce(application, reader);
}

function explainMissing(key: ResourceKey, reader: StoreReader): readonly string[] {
  const hooks = goneHookLines(key, reader);
  if (hooks.length > 0) return hooks;
  const wanting = reader.list('Application').flatMap((application) => {
    const entry = entryOf(application, key);
    if (entry === undefined) return [];
    const { finished } = entry;
    const how =
      finished === undefined
        ? 'is missing'
        : `${finished.result === 'Complete' ? 'completed' : 'failed'} at ${finished.time} and is gone; it runs again when its spec changes`;
    return [`${displayKey(key)} ${how}; application ${application.metadata.name} wants it: ${writtenIn(entry)}`];
  });
  const removed = removedLines(key, reader);
  if (wanting.length > 0 || removed.length > 0) return [...wanting, ...removed];
  return [`${displayKey(key)} does not exist, and no application wants it`];
}

type Entry = NonNullable<NonNullable<Application['status']>['inventory']>[number];

function entryOf(application: Application, key: ResourceKey): Entry | undefined {
  return application.status?.inventory?.find((entry) => displayKey(keyOfEntry(entry)) === displayKey(key));
}

function writtenIn(entry: Entry): string {
  return `${entry.file}:${entry.line}, last changed by ${commitName(entry.commit)} of ${entry.author}`;
}

/** Who wants the object: a manifest, or the object that owns it, and so on up to the manifest. */
function desireLines(object: Stored, reader: StoreReader): readonly string[] {
  const owner = controllerOf(object);
  if (owner !== undefined) {
    const key = { kind: owner.kind as Kind, namespace: object.metadata.namespace ?? '', name: owner.name };
    const parent = liveOf(reader, key);
    const isGone = parent?.metadata.uid !== owner.uid;
    return [
      `made by ${displayKey(key)}${isGone ? ', which is gone' : ''}`,
      ...(isGone || parent === undefined ? [] : desireLines(parent, reader)),
    ];
  }
  const name = applicationOf(object);
  if (name === undefined) return ['no application wants it: it was made by hand or by Holdfast itself'];
  const application = reader.get('Application', '', name);
  const entry = application === undefined ? undefined : entryOf(application, keyOf(object));
  if (entry?.hook !== undefined) return [`it runs as ${entry.hook} hook of application ${name}: ${writtenIn(entry)}`];
  if (entry?.undeleted === true) return broughtBackLines(name, keyOf(object), reader);
  if (entry !== undefined) return [`application ${name} wants it: ${writtenIn(entry)}`];
  const found = isRecovered(object) ? '; it was found on the host and nobody has claimed it yet' : '';
  return [`it came from application ${name}, which no longer wants it${found}`];
}

function pauseLines(object: Stored): readonly string[] {
  const isPaused = object.kind === 'Deployment' && object.spec.paused === true;
  return isPaused ? ['it is paused: its pods stay as they are until spec.paused is taken out; only replicas are followed'] : [];
}

/** When a CronJob starts a Job next, and why it may not. */
function scheduleLines(object: Stored, now: number): readonly string[] {
  if (object.kind !== 'CronJob') return [];
  const { schedule, timeZone = 'UTC', suspend } = object.spec;
  if (suspend === true) return ['it is suspended: no Job is started until spec.suspend is taken out'];
  const timetable = timetableOf(object);
  const next = nextRunMs(object, now);
  if (!timetable.ok || next === undefined) return [timetable.ok ? `"${schedule}" never comes round` : timetable.message];
  const last = object.status?.lastScheduleTime;
  const before = last === undefined ? '' : `; last at ${last}`;
  return [`runs next in ${span(next - now)}, at ${toZonedRfc3339(timetable.zone, next)} ("${schedule}", ${timeZone})${before}`];
}

const badWhenTrue: ReadonlySet<string> = new Set(['ReplicaFailure', 'Failed', 'FailureTarget']);
/** Conditions that say nothing while they are False. */
const quietWhenFalse: ReadonlySet<string> = new Set([
  'Suspended',
  'NamespaceDeletionDiscoveryFailure',
  'NamespaceDeletionGroupVersionParsingFailure',
  'NamespaceDeletionContentFailure',
  'NamespaceContentRemaining',
  'NamespaceFinalizersRemaining',
]);

function conditionLines(object: Stored): readonly string[] {
  if (!('status' in object) || object.status === undefined || !('conditions' in object.status)) return [];
  const conditions: readonly Condition[] = object.status.conditions ?? [];
  return conditions
    .filter(({ reason }) => reason !== 'NetworkReady')
    .filter(
      (condition) =>
        condition.status !== (badWhenTrue.has(condition.type) || quietWhenFalse.has(condition.type) ? 'False' : 'True'),
    )
    .map((condition) => {
      const why = [condition.reason, condition.message].filter((part) => part !== undefined && part !== '').join(': ');
      const since = condition.lastTransitionTime === undefined ? '' : ` since ${condition.lastTransitionTime}`;
      return `condition ${condition.type} is ${condition.status}${since}${why === '' ? '' : `, ${why}`}`;
    });
}

function childLines(object: Stored, reader: StoreReader, now: number): readonly string[] {
  if (object.kind === 'Deployment') return setLines(object, reader, now);
  if (object.kind === 'Pod') return containerLines(object, reader, now);
  const jobs = object.kind === 'CronJob' ? reader.listOwned('Job', object.metadata.uid) : [];
  return [object, ...jobs].flatMap((owner) => podLines(owner, reader, now));
}

function setLines(deployment: StoredOf<'Deployment'>, reader: StoreReader, now: number): readonly string[] {
  const current = currentReplicaSet(deployment, reader);
  return reader.listOwned('ReplicaSet', deployment.metadata.uid).flatMap((set) => {
    const wanted = set.spec.replicas ?? 1;
    const pods = podLines(set, reader, now);
    if (wanted === 0 && pods.length === 0) return [];
    const role = set.metadata.uid === current?.metadata.uid ? 'current' : 'old';
    const head = `  ${displayKey(keyOf(set))} (${role}): ${set.status?.readyReplicas ?? 0} of ${wanted} pods ready`;
    return [head, ...pods.map((line) => `  ${line}`)];
  });
}

function podLines(owner: Stored, reader: StoreReader, now: number): readonly string[] {
  const pods = reader.listOwned('Pod', owner.metadata.uid);
  const lines = pods.slice(0, SHOWN_PODS).flatMap((pod) => {
    const { state, message } = podHealth(pod, reader);
    const node = pod.spec.nodeName === undefined ? '' : ` on ${pod.spec.nodeName}`;
    const head = `  ${displayKey(keyOf(pod))}${node}: ${pod.status?.phase ?? 'Pending'}, ${state}`;
    const containers = containerLines(pod, reader, now);
    const why = containers.length === 0 && message !== '' ? [`    ${message}`] : [];
    return state === 'healthy' ? [head] : [head, ...why, ...containers.map((line) => `  ${line}`)];
  });
  return pods.length > SHOWN_PODS ? [...lines, `  and ${pods.length - SHOWN_PODS} more pods`] : lines;
}

function containerLines(pod: StoredOf<'Pod'>, reader: StoreReader, now: number): readonly string[] {
  return unreadyContainers(pod).map(({ container, isInit }) => {
    const retryAtMs = nextRetryMs(container.state?.waiting?.message, container.lastState?.terminated?.finishedAt);
    const again = retryAtMs === undefined || retryAtMs <= now ? '' : `; tried again in ${span(retryAtMs - now)}`;
    return `  ${culpritMessage(pod, container, reader, isInit)}${again}`;
  });
}

/** The kubelet says how long it backs off (`back-off 1m20s restarting …`); the wait began when the container ended. */
function nextRetryMs(message: string | undefined, finishedAt: string | undefined): number | undefined {
  const match = /^back-off (?:(\d+)m)?(?:(\d+)s)?/.exec(message ?? '');
  if (match === null || finishedAt === undefined) return undefined;
  const waitMs = (Number(match[1] ?? 0) * 60 + Number(match[2] ?? 0)) * 1000;
  return waitMs === 0 ? undefined : fromRfc3339(finishedAt) + waitMs;
}

function eventLines(object: Stored, reader: StoreReader, now: number): readonly string[] {
  const namespace = isNamespaced(object.kind) ? (object.metadata.namespace ?? 'default') : 'default';
  const events = reader
    .list('Event', namespace)
    .filter((event: Event) => event.involvedObject.uid === object.metadata.uid)
    .toSorted((a, b) => Number(b.metadata.resourceVersion) - Number(a.metadata.resourceVersion))
    .slice(0, SHOWN_EVENTS);
  const lines = events.map((event) => {
    const ago = span(Math.max(0, now - fromRfc3339(event.lastTimestamp)));
    return `  ${ago} ago, ${event.reason}${event.count > 1 ? ` (${event.count} times)` : ''}: ${event.message}`;
  });
  return lines.length === 0 ? [] : ['last events:', ...lines];
}

/** What the application is doing, when that concerns the object. */
function underWayLines(object: Stored, reader: StoreReader, now: number): readonly string[] {
  const name = applicationOf(object);
  const application = name === undefined ? undefined : reader.get('Application', '', name);
  const { attempt, held } = application?.status ?? {};
  if (application === undefined || (!isBegun(attempt) && held === undefined)) return [];
  return applicationLines(application, reader, now);
}
