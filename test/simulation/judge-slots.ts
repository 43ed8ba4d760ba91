// What must hold inside pods: one container per slot, in the order that Kubernetes documents, and no program run that has ended for good;
// and of the volumes that they mount.
import { CLAIM_LABEL, NAMESPACE_LABEL, POD_LABEL, ROLE_LABEL, SANDBOX_LABEL } from '../../src/kubelet/labels.ts';
import type { StoredOf } from '../../src/model/resource.ts';
import { type FakeContainer, isAlive } from '../support/fake-container.ts';
import type { Court, Judge } from './judge.ts';
import { slotOf } from './simulated-engine.ts';

export class SlotsJudge implements Judge {
  readonly #court: Court;
  /** Containers that have started once, as `uid sandbox name`; init containers count when they have ended well. */
  readonly #done = new Set<string>();
  /** The run of each pod's main container that has to be its last, when nobody lays hands on it, by the pod's uid. */
  readonly #last = new Map<string, FakeContainer>();

  constructor(court: Court) {
    this.#court = court;
  }

  engineChanged(container: FakeContainer, action: string): void {
    const { uid, container: name } = slotOf(container);
    const place = `${uid} ${container.spec.labels[SANDBOX_LABEL] ?? ''}`;
    const isInit = name === 'init';
    if (action === 'die' && isInit && container.exitCode === 0) this.#done.add(`${place} init`);
    if (action !== 'start') return;
    this.#judgeSlot(container);
    this.#judgeMounts(container);
    const pod = this.#court
      .store()
      .list('Pod')
      .find((each) => each.metadata.uid === uid);
    if (pod !== undefined && name === 'main') this.#judgeOrder(container, pod, place);
    if (!isInit) this.#done.add(`${place} ${name}`);
  }

  /** A pod of a name is followed by another only when nothing of it lives. */
  #judgeSlot(container: FakeContainer): void {
    const { uid, container: name } = slotOf(container);
    const { [POD_LABEL]: pod, [NAMESPACE_LABEL]: namespace } = container.spec.labels;
    const other = this.#court.engine.ourContainers().find((each) => {
      const { labels } = each.spec;
      const isSame = labels[POD_LABEL] === pod && labels[NAMESPACE_LABEL] === namespace && slotOf(each).container === name;
      return isSame && slotOf(each).uid !== uid && isAlive(each);
    });
    if (other !== undefined)
      this.#court.report(`${pod} runs twice: ${name} of pod ${uid.slice(0, 8)} beside ${slotOf(other).uid.slice(0, 8)}`);
  }

  /** Init containers and sidecars first; never again what has ended for good. */
  #judgeOrder(container: FakeContainer, pod: StoredOf<'Pod'>, place: string): void {
    const { report } = this.#court;
    for (const { name } of pod.spec.initContainers ?? [])
      if (!this.#done.has(`${place} ${name}`)) report(`main of ${pod.metadata.name} starts before ${name}`);
    const last = this.#last.get(pod.metadata.uid);
    if (last !== undefined && !this.#court.isTouched(last)) report(`main of ${pod.metadata.name} starts again, which must never`);
    if (pod.spec.restartPolicy === 'Never') this.#last.set(pod.metadata.uid, container);
    if (pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed')
      report(`main of ${pod.metadata.name} starts, whose pod has ended`);
  }

  /** Volumes of claims are mounted by pods that name the claim, and by no others. */
  #judgeMounts(container: FakeContainer): void {
    const { engine, store, report } = this.#court;
    const volumes = new Map(engine.volumes().map((volume) => [volume.name, volume]));
    const pod = store()
      .list('Pod')
      .find((each) => each.metadata.uid === slotOf(container).uid);
    for (const mount of container.spec.mounts) {
      const labels = mount.type === 'volume' ? volumes.get(mount.volume)?.labels : undefined;
      if (mount.type !== 'volume' || labels?.[ROLE_LABEL] !== 'claim' || pod === undefined) continue;
      const isNamed = pod.spec.volumes?.some(
        ({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName === labels[CLAIM_LABEL],
      );
      if (isNamed !== true || pod.metadata.namespace !== labels[NAMESPACE_LABEL])
        report(`pod ${pod.metadata.name} has the volume ${mount.volume} of the claim ${labels[CLAIM_LABEL]}`);
    }
  }
}
