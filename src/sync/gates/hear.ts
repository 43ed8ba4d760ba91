// Orders of people on their way into the store: an application's status says what was ordered before anything follows it.
import { type ApplicationSpec, type Condition, keyOf, type StoredOf } from '../../model/resource.ts';
import { toRfc3339 } from '../../model/time.ts';
import { eventWrites } from '../../runtime/events.ts';
import { StalePlan } from '../../runtime/perform-actions.ts';
import type { Store, Write } from '../../store/store.ts';
import { applicationOf } from '../applied.ts';
import type { LoadedCommit } from '../loaded-commit.ts';
import { heed, type OrderDesk } from './orders.ts';

/** What is known when orders are looked for. */
export interface HearParts {
  readonly store: Store;
  readonly desk: OrderDesk;
  readonly now: number;
  /** Where the source points; undefined until that is known. */
  readonly head?: string | undefined;
  /** The commit that was loaded last. */
  readonly loaded?: LoadedCommit | undefined;
}

/** The application with what was ordered in its status; `isRetry`: somebody wants its newest commit tried again, and it is news. */
export async function hearOrders(
  application: StoredOf<'Application'>,
  { store, desk, now, head, loaded }: HearParts,
): Promise<{ readonly application: StoredOf<'Application'>; readonly isRetry: boolean }> {
  const { name, uid, resourceVersion } = application.metadata;
  const { spec, status = {} } = application;
  const orders = desk.of(name);
  const author = loaded !== undefined && loaded.commit.id === spec.settingsFrom ? loaded.commit.author : undefined;
  const next = heed(status, { spec, orders, head, author }, now);
  const isRetry = next.status.manual !== undefined && next.status.manual.at !== status.manual?.at;
  let told = application;
  if (next.status !== status) {
    const events = next.reports.flatMap((report) => eventWrites(store, application, report, now));
    const write = { op: 'updateStatus', key: keyOf(application), uid, resourceVersion, status: next.status } as const;
    const isResumed = status.suspension?.by === 'command' && next.status.suspension === undefined;
    const rollouts = isResumed ? rolloutsFrom(name, store, now) : [];
    const result = await store.write([write, ...rollouts, ...events]);
    if (!result.ok) throw new StalePlan(result);
    told = store.get('Application', '', name) ?? application;
  }
  // Only once it is kept: whoever is killed in between hears it again.
  if (orders.retry !== undefined && head !== undefined) desk.heard(name, orders.retry);
  for (const order of orders.undelete ?? []) desk.heard(name, order);
  return { application: told, isRetry };
}

/** Rollouts that nobody worked on have their whole time again. */
function rolloutsFrom(application: string, store: Store, now: number): readonly Write[] {
  return store.list('Deployment').flatMap((deployment): Write[] => {
    const { metadata, status } = deployment;
    const conditions = status?.conditions ?? [];
    const isUnderWay = ({ type, status: is, reason }: Condition): boolean =>
      type === 'Progressing' && is !== 'False' && reason !== 'NewReplicaSetAvailable' && reason !== 'DeploymentPaused';
    if (applicationOf(deployment) !== application || !conditions.some(isUnderWay)) return [];
    const { uid, resourceVersion } = metadata;
    const next = conditions.map((each) => (isUnderWay(each) ? { ...each, lastUpdateTime: toRfc3339(now) } : each));
    return [{ op: 'updateStatus', key: keyOf(deployment), uid, resourceVersion, status: { ...status, conditions: next } }];
  });
}

/**
 * Makes suspensions known before anything runs that would follow them: a kubelet that starts must not put right what a person works on. An
 * application that a lost store has forgotten is made anew for that, as `spec` says.
 */
export async function hearSuspensions(
  store: Store,
  desk: OrderDesk,
  wanted: { readonly name: string; readonly spec: ApplicationSpec },
  now: number,
): Promise<void> {
  const { name, spec } = wanted;
  if (store.get('Application', '', name) === undefined && desk.of(name).suspend !== undefined)
    await store.write([
      { op: 'create', resource: { apiVersion: 'holdfast.dev/v1', kind: 'Application', metadata: { name }, spec } },
    ]);
  for (const application of store.list('Application')) await hearOrders(application, { store, desk, now });
}

/** Nobody says anything. */
export const noOrders: OrderDesk = { of: () => ({}), heard: () => {}, onChange: () => () => {} };
