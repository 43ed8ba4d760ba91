// Whether the store says what one commit says, as a whole.
import type { Store } from '../../src/store/store.ts';
import type { Wishes } from './wishes.ts';
import { workloadsOf } from './wishes.ts';

/** The image of an app's main container, as a commit says it. */
export function wishedImage(wishes: Wishes, app: string): string | undefined {
  return wishes.deployments[app]?.image ?? wishes.pods[app]?.image ?? workloadsOf(wishes)[app]?.image;
}

/** The first object that says something else than the wishes; objects that the wishes do not name may be on their way out. */
export function differenceFrom(wishes: Wishes, store: Store, wave = Number.POSITIVE_INFINITY): string | undefined {
  // What comes in a later wave is as it was.
  const isLater = (what: string): boolean => (wishes.waves[what.split(' ')[1] ?? ''] ?? 0) > wave;
  const differs = (what: string, live: readonly unknown[], wanted: readonly unknown[] | undefined): string | undefined =>
    isLater(what) || wanted === undefined || String(wanted) === String(live)
      ? undefined
      : `${what} is ${String(live)}, the target says ${String(wanted)}`;
  const parts = [
    ...store.list('Deployment').map(({ metadata: { name }, spec }) => {
      const wish = wishes.deployments[name];
      const { containers } = spec.template.spec;
      return differs(
        `deployment ${name}`,
        [spec.replicas, spec.strategy?.type, spec.minReadySeconds ?? 0, containers[0].image, containers.length],
        wish && [wish.replicas, wish.strategy.type, wish.minReadySeconds, wish.image, wish.hasSidecar ? 2 : 1],
      );
    }),
    ...store.list('ConfigMap').map(({ metadata: { name }, data }) => {
      const wanted = wishes.configMaps[name];
      return differs(`configmap ${name}`, [data?.['value']], wanted === undefined ? undefined : [wanted]);
    }),
    ...[...store.list('StatefulSet'), ...store.list('ReplicationController')].map(({ metadata: { name }, spec }) => {
      const wish = wishes.statefulSets[name] ?? wishes.controllers[name];
      const live = [spec.replicas, spec.template?.spec.containers[0].image];
      return differs(`set ${name}`, live, wish && [wish.replicas, wish.image]);
    }),
    ...store.list('DaemonSet').map(({ metadata: { name }, spec }) => {
      const wish = wishes.daemonSets[name];
      return differs(`daemonset ${name}`, [spec.template.spec.containers[0].image], wish && [wish.image]);
    }),
    ...store.list('CronJob').map(({ metadata: { name }, spec }) => {
      const wish = wishes.cronJobs[name];
      const live = [spec.suspend ?? false, spec.concurrencyPolicy, spec.jobTemplate.spec.template.spec.containers[0].image];
      return differs(`cronjob ${name}`, live, wish && [wish.isSuspended, wish.policy, wish.image]);
    }),
  ];
  return parts.find((part) => part !== undefined);
}
