// What an application looks like at one moment: what should run against what the store says, and how far the newest commit is. Reads
// only, but for asking for images.
import type { Manifest } from '../manifests/load.ts';
import { type ApplicationStatus, displayKey, type Kind, type StoredOf } from '../model/resource.ts';
import { waveOf } from '../model/sync-order.ts';
import { policyOf } from '../model/sync-policy.ts';
import { fromRfc3339 } from '../model/time.ts';
import type { StoreReader } from '../store/store.ts';
import { isApplied, isBegun, isHeadSettled } from './decide.ts';
import { deletedState } from './deleted/deleted.ts';
import { unhealthyManifests } from './finished-jobs.ts';
import { type Gate, gateOf } from './gates/gate.ts';
import { retryAtMs } from './gates/retry.ts';
import { areSettingsOld } from './gates/settings.ts';
import { type Patience, phaseMs } from './gates/timeouts.ts';
import { type HookPlan, planHooks } from './hooks/plan-hooks.ts';
import { type LoadedCommit } from './loaded-commit.ts';
import type { CandidateState, Observed, TargetState } from './observed.ts';
import { planSync } from './plan.ts';
import { type PlannedChange, type SyncPlan } from './planned.ts';
import type { ImagePreparer, PlacementCheck, PlanAgreement } from './ports.ts';
import { type Preflight, preflight } from './preflight.ts';
import { lingering } from './prune.ts';
import { checksOf, partsOf, type Target, targetOf } from './revision.ts';
import { isInWave, openWave } from './waves.ts';
import { isDue } from './writes.ts';

export interface ObserveInput {
  readonly application: StoredOf<'Application'>;
  readonly store: StoreReader;
  readonly now: number;
  /** Where the source points, if that is known. */
  readonly head: string | undefined;
  /** The commit that was loaded last; it counts only when it is the one at HEAD. */
  readonly loaded: LoadedCommit | undefined;
  readonly isObserved: boolean;
  readonly images: ImagePreparer;
  readonly checkPlacement: PlacementCheck;
  readonly agreed?: PlanAgreement | undefined;
  /** What the newest commit waits for besides what it needs itself: other applications. */
  readonly dependencies?: readonly string[];
  /** For how long what is removed can be brought back, where the application does not say. */
  readonly softDelete?: string | undefined;
}

export interface View {
  readonly application: StoredOf<'Application'>;
  readonly status: ApplicationStatus;
  readonly observed: Observed;
  readonly target: { readonly wanted: Target; readonly plan: SyncPlan } | undefined;
  readonly candidate: { readonly loaded: LoadedCommit; readonly preflight: Preflight; readonly startedAtMs: number } | undefined;
  /** Undefined when the attempt has no hooks, or what its commit says is not kept. */
  readonly hooks: { readonly plan: HookPlan; readonly manifests: readonly Manifest[] } | undefined;
  /** The newest commit has to be loaded before anything can be said of it. */
  readonly isLoadNeeded: boolean;
  readonly timeoutMs: number;
  /** How long each phase may take. */
  readonly patience: Patience;
  /** When the quarantined commit is tried again; undefined when it is not. */
  readonly retryAtMs: number | undefined;
  readonly now: number;
}

/** Looks at everything that the next step depends on. */
export function observe(input: ObserveInput): View {
  const { application, head, loaded, now } = input;
  const { spec, status = {} } = application;
  const target = observeTarget(input, status);
  const gate = gateOf(spec, status, head, now);
  const againMs = retryAtMs(spec, status, now);
  const isRetryDue = againMs !== undefined && againMs <= now;
  const isSettled = isHeadSettled(status, head, target !== undefined, isRetryDue);
  const isLoaded = loaded !== undefined && loaded.commit.id === head;
  const own = isLoaded ? loaded.timeoutSeconds : undefined;
  const timeoutMs = (own ?? spec.timeoutSeconds) * 1000;
  const patience = { timeoutMs, timeouts: spec.timeouts ?? {} };
  const waited = { patience, gate, isRetryDue, retryAtMs: againMs };
  const candidate = isSettled || !isLoaded ? undefined : observeCandidate(input, status, loaded, waited);
  const state: CandidateState = candidate?.preflight.state ?? { state: 'loading' };
  const hooks = observeHooks(input, status);
  const observed: Observed = {
    head,
    candidate: state,
    target: target?.state,
    isObserved: input.isObserved,
    hooks: hooks?.plan,
    deleted: observeDeleted(input, target, gate, patience),
    gate,
    isRetryDue,
    isRollbackOff: spec.rollback?.enabled === false,
    isDriftLeft: spec.drift === 'report',
  };
  const isLoadNeeded = !isLoaded && (!isSettled || areSettingsOld(spec, head));
  const found = { application, status, observed, target, candidate, hooks, isLoadNeeded };
  return { ...found, timeoutMs, patience, retryAtMs: againMs, now };
}

function observeDeleted(
  { application, store, images, checkPlacement, now }: ObserveInput,
  target: View['target'],
  gate: Gate | undefined,
  patience: Patience,
): Observed['deleted'] {
  const isLeft = target === undefined || gate?.holds === 'everything';
  const around = isLeft ? {} : { around: { ...target.wanted, plan: target.plan, images, checkPlacement, patience } };
  return deletedState({ application, store, commit: target?.wanted.commit.id, now, ...around });
}

function observeHooks({ application, store, now }: ObserveInput, status: ApplicationStatus): View['hooks'] {
  const { attempt } = status;
  const { name } = application.metadata;
  if (!isBegun(attempt) || attempt.hooks === undefined) return undefined;
  const manifests = partsOf(name, attempt.commit.id, store)?.hooks;
  if (manifests === undefined) return undefined;
  const plan = planHooks({ status, attempt, manifests, store, application: name, now });
  return plan === undefined ? undefined : { plan, manifests };
}

function observeCandidate(
  input: ObserveInput,
  status: ApplicationStatus,
  loaded: LoadedCommit,
  {
    patience,
    gate,
    ...retry
  }: Pick<View, 'patience' | 'retryAtMs'> & { readonly gate: Gate | undefined; readonly isRetryDue: boolean },
): View['candidate'] {
  const { attempt, manual } = status;
  const isKnown = attempt?.commit.id === loaded.commit.id && !isBegun(attempt);
  const againMs = retry.isRetryDue ? (retry.retryAtMs ?? 0) : 0;
  const wishedMs = manual?.commit === loaded.commit.id ? fromRfc3339(manual.at) : 0;
  const startedAtMs = isKnown ? fromRfc3339(attempt.startedAt) : Math.max(loaded.loadedAtMs, againMs, wishedMs);
  const { application, store, now, images, checkPlacement, agreed, dependencies } = input;
  const { spec } = application;
  const isLeftAlone = gate !== undefined && gate.holds !== 'commits';
  const found = preflight({
    application: application.metadata.name,
    status,
    store,
    loaded: { ...loaded, policy: policyOf(input.softDelete === undefined ? spec : { softDelete: input.softDelete, ...spec }) },
    // While it is left alone nothing is pulled for it.
    ...(isLeftAlone ? {} : { images, checkPlacement }),
    ...(agreed === undefined ? {} : { agreed }),
    now,
    deadlineMs: startedAtMs + phaseMs('preflighting', patience),
    ...(dependencies === undefined ? {} : { dependencies }),
  });
  const state: CandidateState = gate !== undefined && found.state.state === 'ready' ? { state: 'gated', gate } : found.state;
  return { loaded, preflight: { ...found, state }, startedAtMs };
}

function observeTarget(
  { application, store, softDelete }: ObserveInput,
  status: ApplicationStatus,
): { wanted: Target; plan: SyncPlan; state: TargetState } | undefined {
  const { name } = application.metadata;
  const wanted = targetOf(name, status, store);
  if (wanted === undefined) return undefined;
  const wave = openWave(isApplied(status.attempt) ? status.attempt : undefined);
  const awaited =
    wave === Number.POSITIVE_INFINITY ? wanted.manifests : wanted.manifests.filter((each) => waveOf(each.resource) <= wave);
  const unhealthy = unhealthyManifests(awaited, status.inventory ?? [], store, checksOf(application.spec, wanted));
  const withRecovered = unhealthy.length === 0 && wanted.mode !== 'rollback';
  const inventory = status.inventory ?? [];
  const whole = planSync({
    desired: wanted.manifests,
    hooks: wanted.hooks,
    live: store,
    inventory,
    application: name,
    mode: wanted.mode,
    withRecovered,
    prune: application.spec.prune,
    softDelete: application.spec.softDelete ?? softDelete,
    commit: wanted.commit.id,
  });
  const plan = { ...whole, changes: whole.changes.filter((change) => isInWave(change, wave)) };
  // What a bad commit brought goes at once: it may hold ports and volumes that the good one needs.
  const isNow = (change: PlannedChange): boolean => wanted.mode === 'rollback' || !isPruned(change);
  const due = plan.changes.filter(isDue);
  const late = plan.changes.filter((change) => change.waitsFor !== undefined);
  const state: TargetState = {
    changes: due.filter(isNow).length,
    waitsFor: waitTexts(late.filter((change) => !isPruned(change))),
    unhealthy,
    deletions: due.filter((change) => !isNow(change)).length,
    lingering: [
      ...waitTexts(late.filter(isPruned)),
      ...lingering(store, name).map((key) => `${displayKey(key)}: on its way out`),
    ],
  };
  return { wanted, plan, state };
}

/** Kinds that do nothing but forbid. */
const limits: ReadonlySet<Kind> = new Set<Kind>(['ResourceQuota', 'LimitRange']);

/** What a commit takes away goes when all else is well; a limit goes at once, since what the commit brings may be what it forbids. */
function isPruned({ action, key }: PlannedChange): boolean {
  return action === 'delete' && !limits.has(key.kind);
}

function waitTexts(changes: readonly PlannedChange[]): string[] {
  return changes.map((change) => `${displayKey(change.key)}: ${change.waitsFor}`);
}

/** The changes of the target that are made together with this step. */
export function dueChanges(view: View, which: 'wanted' | 'unwanted'): readonly PlannedChange[] {
  if (view.target === undefined) return [];
  const isAll = view.target.wanted.mode === 'rollback' && which === 'wanted';
  return view.target.plan.changes.filter((change) => isDue(change) && (isAll || isPruned(change) === (which === 'unwanted')));
}
