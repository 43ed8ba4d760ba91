// Watches a node and holds what must always be true of the life of a pod (Kubernetes, "Pod Lifecycle"). What is broken is collected.
import type { ContainerSeen, ContainerSpec } from '../../src/kubelet/engine/container-engine.ts';
import {
  ATTEMPT_LABEL,
  CONTAINER_LABEL,
  ROLE_LABEL,
  SANDBOX_LABEL,
  SPEC_HASH_LABEL,
  STREAK_LABEL,
} from '../../src/kubelet/labels.ts';
import { rolesOf } from '../../src/kubelet/plan/pod-view.ts';
import { backOffMs } from '../../src/kubelet/plan/restart.ts';
import { restartsAfter } from '../../src/kubelet/plan/restart-policy.ts';
import type { PodStatus, StoredOf } from '../../src/model/resource.ts';
import type { SmallNode } from '../support/small-node.ts';

const nameOf = (seen: ContainerSeen): string => seen.labels[CONTAINER_LABEL] ?? '';
const numberOf = (labels: Readonly<Record<string, string>>, label: string): number => Number(labels[label] ?? 0);

/** Looks at every call on the engine and every status. */
export class LifecycleWatcher {
  readonly broken: string[] = [];
  readonly #node: SmallNode;
  /** When the end of a container was begun, and whether by its hook. */
  readonly #begun = new Map<string, number>();
  readonly #hooked = new Set<string>();
  #before: PodStatus = {};

  constructor(node: SmallNode) {
    this.#node = node;
  }

  get #pod(): StoredOf<'Pod'> | undefined {
    return this.#node.store.get('Pod', 'default', 'web');
  }

  /** A call on the engine that is about to happen. */
  call(name: string, args: readonly unknown[]): void {
    const seen = this.#node.engine.containers().find((each) => each.id === args[0]);
    if (name === 'create') this.#created(args[0] as ContainerSpec);
    if (name === 'start' && seen !== undefined) this.#started(seen);
    if (name === 'exec' && seen !== undefined && Array.isArray(args[1]) && args[1][0] === 'bye') {
      this.#hooked.add(seen.id);
      this.#begin(seen.id);
    }
    if (name === 'kill' && seen !== undefined) this.#killed(seen, args[1] === 'kill');
  }

  #begin(id: string): void {
    if (!this.#begun.has(id)) this.#begun.set(id, this.#node.clock.now());
  }

  #fail(text: string): void {
    this.broken.push(text);
  }

  #created(spec: ContainerSpec): void {
    const pod = this.#pod;
    const name = spec.labels[CONTAINER_LABEL];
    if (pod === undefined || name === undefined) return;
    if (pod.metadata.deletionTimestamp !== undefined) this.#fail(`${name} made in a pod that is deleted`);
    if (pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed') this.#fail(`${name} made in a pod that is over`);
    const last = this.#node.runs(name).at(-1);
    const found = rolesOf(pod.spec).find(({ container }) => container.name === name);
    if (last === undefined || found === undefined || last.state !== 'exited') return;
    if (numberOf(spec.labels, ATTEMPT_LABEL) <= numberOf(last.labels, ATTEMPT_LABEL)) return;
    const isOurs = this.#begun.has(last.id) || last.labels[SANDBOX_LABEL] !== spec.labels[SANDBOX_LABEL];
    const isChanged = last.labels[SPEC_HASH_LABEL] !== spec.labels[SPEC_HASH_LABEL];
    if (isOurs || isChanged) return;
    if (!restartsAfter(pod.spec, found.container, found.role, last.exitCode))
      this.#fail(`${name} started again after exit code ${last.exitCode}, against its policy`);
    const streak = last.finishedAtMs - last.startedAtMs >= 600_000 ? 0 : numberOf(last.labels, STREAK_LABEL);
    const waited = this.#node.clock.now() - last.finishedAtMs;
    if (waited < backOffMs(streak)) this.#fail(`${name} started again after ${waited} ms, in a row of ${streak}`);
  }

  #started(seen: ContainerSeen): void {
    const pod = this.#pod;
    const name = nameOf(seen);
    if (pod === undefined || name === '') return;
    const runs = this.#node.runs(name).filter((run) => run.id !== seen.id && (run.state === 'running' || run.state === 'paused'));
    if (runs.length > 0) this.#fail(`${name} started beside another run of it`);
    const roles = rolesOf(pod.spec);
    if (roles.find(({ container }) => container.name === name)?.role !== 'main') return;
    const sandbox = seen.labels[SANDBOX_LABEL];
    const inSandbox = (each: string): readonly ContainerSeen[] =>
      this.#node.runs(each).filter((run) => run.labels[SANDBOX_LABEL] === sandbox);
    const isFirst = roles.every(({ container, role }) => {
      const started = inSandbox(container.name).filter((run) => run.id !== seen.id && run.startedAtMs > 0);
      return role !== 'main' || started.length === 0;
    });
    if (!isFirst || this.wasPruned) return;
    for (const { container, role } of roles) {
      const done = inSandbox(container.name).some((run) => run.state === 'exited' && run.exitCode === 0);
      if (role === 'init' && !done) this.#fail(`${name} started before ${container.name} was done`);
      if (role === 'sidecar' && inSandbox(container.name).every((run) => run.startedAtMs === 0))
        this.#fail(`${name} started before ${container.name} was`);
    }
  }

  /** Runs were removed by hand, so that what is left proves nothing of what was. */
  wasPruned = false;

  #killed(seen: ContainerSeen, isForced: boolean): void {
    if (seen.labels[ROLE_LABEL] === 'sandbox' || (seen.state !== 'running' && seen.state !== 'paused')) return;
    const pod = this.#pod;
    const now = this.#node.clock.now();
    const spec = pod?.metadata.deletionGracePeriodSeconds ?? pod?.spec.terminationGracePeriodSeconds ?? 0;
    const began = this.#begun.get(seen.id);
    const container = rolesOf(pod?.spec ?? { containers: [{ name: '', image: '' }] }).find(
      (each) => each.container.name === nameOf(seen),
    );
    const hasHook = container?.container.lifecycle?.preStop !== undefined;
    if (!isForced && hasHook && seen.state === 'running' && !this.#hooked.has(seen.id))
      this.#fail(`${nameOf(seen)} asked to stop before its hook`);
    if (isForced && spec > 0 && (began === undefined || now - began < spec * 1000))
      this.#fail(`${nameOf(seen)} killed after ${began === undefined ? 'nothing' : now - began} of ${spec * 1000} ms`);
    this.#begin(seen.id);
  }

  /** Looks at the status as it is now. */
  look(): void {
    const status = this.#pod?.status ?? {};
    const { phase } = this.#before;
    if ((phase === 'Succeeded' || phase === 'Failed') && this.#pod !== undefined && status.phase !== phase)
      this.#fail(`phase ${phase} became ${status.phase}`);
    const all = (each: PodStatus): NonNullable<PodStatus['containerStatuses']> => [
      ...(each.initContainerStatuses ?? []),
      ...(each.containerStatuses ?? []),
    ];
    for (const before of all(this.#before)) {
      const after = all(status).find(({ name }) => name === before.name);
      if (after !== undefined && after.restartCount < before.restartCount) this.#fail(`${before.name}: restartCount fell`);
    }
    const isReady = status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True');
    if (isReady === true) {
      const unready = (status.containerStatuses ?? []).filter((each) => !each.ready || each.state?.running === undefined);
      if (unready.length > 0) this.#fail(`Ready, but ${unready.map(({ name }) => name).join(' ')} is not`);
      const others = ['ContainersReady', 'Initialized', 'PodScheduled', 'PodReadyToStartContainers'];
      const untrue = others.filter((type) => status.conditions?.find((each) => each.type === type)?.status !== 'True');
      if (untrue.length > 0) this.#fail(`Ready, but not ${untrue.join(' ')}`);
    }
    this.#before = status;
  }
}
