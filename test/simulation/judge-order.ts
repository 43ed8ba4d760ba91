// What must hold of the order within a commit, whatever goes wrong around it: no wave before the one below it is healthy, nothing before the
// hooks that come first, and no hook twice for one attempt.
import {
  APPLICATION_ANNOTATION,
  RECOVERED_ANNOTATION,
  type Stored,
  type StoredOf,
  type SyncAttempt,
} from '../../src/model/resource.ts';
import { HOOK_RUN_ANNOTATION } from '../../src/model/sync-order.ts';
import type { Store } from '../../src/store/store.ts';
import { isApplied } from '../../src/sync/decide.ts';
import { type Change, type Court, changesOf, isMade, type Judge } from './judge.ts';
import type { SimulatedCommit } from './wishes.ts';

export class OrderJudge implements Judge {
  readonly #court: Court;
  readonly #commit: (id: string) => SimulatedCommit | undefined;
  /** Jobs that were made for hooks, by attempt and name. */
  readonly #made = new Set<string>();

  constructor(court: Court, commit: (id: string) => SimulatedCommit | undefined) {
    this.#court = court;
    this.#commit = commit;
  }

  wrote(changes: readonly Change[], store: Store): void {
    for (const change of changesOf(changes, 'Job')) if (isMade(change) && change.now !== undefined) this.#judgeHook(change.now);
    for (const { old, now } of changesOf(changes, 'Application')) {
      const attempt = now?.status?.attempt;
      if (attempt !== undefined) this.#judgeStep(old?.status?.attempt, attempt, store);
    }
    const attempt = store.list('Application')[0]?.status?.attempt;
    if (attempt?.phase !== 'applying' || attempt.wave === undefined) return;
    const waves = this.#commit(attempt.commit.id)?.wishes.waves ?? {};
    for (const change of [...changesOf(changes, 'Deployment'), ...changesOf(changes, 'ConfigMap')]) {
      const { old, now } = change;
      if (now === undefined || (old !== undefined && contentOf(old) === contentOf(now))) continue;
      const wave = waves[now.metadata.name] ?? 0;
      const isOfAttempt = now.metadata.annotations?.[APPLICATION_ANNOTATION] !== undefined;
      if (isOfAttempt && wave > attempt.wave)
        this.#court.report(`${now.kind} ${now.metadata.name} of wave ${wave} was written in wave ${attempt.wave}`);
    }
  }

  #judgeHook({ metadata }: StoredOf<'Job'>): void {
    const run = metadata.annotations?.[HOOK_RUN_ANNOTATION];
    if (run === undefined || metadata.annotations?.[RECOVERED_ANNOTATION] !== undefined) return;
    const key = `${run} ${metadata.name}`;
    if (this.#made.has(key)) this.#court.report(`hook ${metadata.name} is run twice for ${run}`);
    this.#made.add(key);
  }

  /** An attempt has got on: what came before must be over, and well. */
  #judgeStep(before: SyncAttempt | undefined, attempt: SyncAttempt, store: Store): void {
    const { report } = this.#court;
    const id = attempt.commit.id.slice(0, 7);
    const isSame = before?.commit.id === attempt.commit.id && before.run === attempt.run;
    const open = (event: string): boolean =>
      attempt.hooks?.some((hook) => hook.event === event && hook.state !== 'succeeded') === true;
    if (isApplied(attempt) && attempt.phase !== 'rolling-back' && open('pre-sync'))
      report(`${id} is ${attempt.phase}, and its pre-sync hooks have not succeeded`);
    if (attempt.phase === 'post-sync' && open('sync'))
      report(`${id} is at its post-sync hooks, and its sync hooks have not succeeded`);
    const isNext = isSame && attempt.phase === 'applying' && attempt.wave !== undefined && attempt.wave !== before.wave;
    if (!isNext || before.wave === undefined) return;
    const waves = this.#commit(attempt.commit.id)?.wishes.waves ?? {};
    const wishes = this.#commit(attempt.commit.id)?.wishes;
    for (const { metadata, spec, status } of store.list('Deployment')) {
      if (wishes?.deployments[metadata.name] === undefined || (waves[metadata.name] ?? 0) > before.wave) continue;
      const wanted = spec.replicas ?? 1;
      const isSeen = status?.observedGeneration === metadata.generation;
      if (!isSeen || (status.availableReplicas ?? 0) < wanted || (status.updatedReplicas ?? 0) < wanted)
        report(
          `wave ${attempt.wave} of ${id} begins, and deployment ${metadata.name} of wave ${waves[metadata.name] ?? 0} is not healthy`,
        );
    }
    const waiting = (attempt.hooks ?? []).find(
      ({ event, wave = 0, state }) => event === 'sync' && wave <= (before.wave ?? 0) && state !== 'succeeded',
    );
    if (waiting !== undefined) report(`wave ${attempt.wave} of ${id} begins, and hook ${waiting.name} has not succeeded`);
  }
}

function contentOf(object: Stored): string {
  const { metadata: _metadata, ...rest } = object;
  const { status: _status, ...body } = { status: undefined, ...rest };
  return JSON.stringify(body);
}
