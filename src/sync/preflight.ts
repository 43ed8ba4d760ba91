// Whether the newest commit may be applied: its plan, and all that would make it fail, found out before anything that runs is touched.
// Pure but for asking for images, which starts pulls and waits for none.

import { checkSet } from '../manifests/checks/check-set.ts';
import { keysOf } from '../manifests/checks/facts.ts';
import type { Manifest } from '../manifests/load.ts';
import { formatProblem, type Problem } from '../manifests/problem.ts';
import { APPLICATION_ANNOTATION, type ApplicationStatus, displayKey, keyOf, keyString, type Stored } from '../model/resource.ts';
import type { StoreReader } from '../store/store.ts';
import { existingPolicies } from './admission.ts';
import { weightOf } from './declared.ts';
import { broughtBackBeside } from './deleted/records.ts';
import { upcomingHooks } from './hooks/upcoming.ts';
import { type LoadedCommit } from './loaded-commit.ts';
import { networkFault } from './network-need.ts';
import type { CandidateState } from './observed.ts';
import { liveOf } from './order.ts';
import { planSync, problemAt } from './plan.ts';
import { type SyncPlan } from './planned.ts';
import type { ImagePreparer, PlacementCheck, PlanAgreement } from './ports.ts';
import { prepareImages } from './preflight-images.ts';
import { guardPrune } from './prune.ts';
import { partsOf } from './revision.ts';
import { waveProblems } from './wave-problems.ts';
import { partManifests } from './waves.ts';

export interface PreflightInput {
  readonly application: string;
  readonly status: ApplicationStatus;
  readonly store: StoreReader;
  readonly loaded: LoadedCommit;
  /** Absent for a dry run: nothing is pulled. */
  readonly images?: ImagePreparer;
  readonly checkPlacement?: PlacementCheck;
  /** Absent when any plan will do. */
  readonly agreed?: PlanAgreement;
  readonly now: number;
  /** When waiting has taken too long, in epoch milliseconds. */
  readonly deadlineMs: number;
  /** What it waits for besides: other applications, one line each. */
  readonly dependencies?: readonly string[];
}

/** What was found. */
export interface Preflight {
  readonly state: CandidateState;
  readonly plan: SyncPlan;
  /** Errors and notes, also those of the manifests themselves. */
  readonly problems: readonly Problem[];
  /** When to ask for images again, in epoch milliseconds: one that failed is tried again by asking. */
  readonly retryAtMs?: number;
}

/** Looks at everything that a commit needs. */
export function preflight(input: PreflightInput): Preflight {
  const { loaded, status, store, application } = input;
  const inventory = status.inventory ?? [];
  const noPlan: SyncPlan = { changes: [], forgotten: [], kept: [], problems: [] };
  // Whether a commit without manifests is meant is for the guard to say, which knows what runs and what the commit's message allows.
  const ofManifests = loaded.problems.filter((problem) => problem.reason !== 'Empty');
  if (hasError(ofManifests)) return invalid(ofManifests, noPlan);
  const parted = partManifests(loaded.manifests);
  const { objects: declared, hooks } = parted;
  const { ignoreDifferences: ignore = [], pruneGuard, prune, softDelete } = loaded.policy ?? {};
  const desired = [...declared, ...broughtBackBeside(loaded, application, store)];
  const policy = { ignore, prune, softDelete };
  const objects = planSync({ desired, hooks, live: store, inventory, application, mode: 'commit', ...policy });
  const { lastGood } = status;
  const before = lastGood === undefined ? undefined : partsOf(application, lastGood.id, store)?.hooks;
  const upcoming = upcomingHooks(hooks, objects.changes, before, application, store);
  const plan: SyncPlan = upcoming.length === 0 ? objects : { ...objects, hooks: upcoming };
  const guard = guardPrune(loaded.manifests.length, plan, inventory, {
    message: loaded.commit.message,
    maxPercent: pruneGuard?.maxPercent,
    weightOf: (key) => weightOf(key, store),
  });
  if (guard.some((problem) => problem.reason === 'Empty')) return invalid([...ofManifests, ...guard], plan);
  const known = [
    ...ofManifests,
    ...plan.problems,
    ...guard,
    ...agreementProblems(input, plan),
    ...setProblems({ manifests: loaded.manifests, store, application }, plan),
    ...networkProblems(loaded.manifests, store),
    ...waveProblems(parted, store),
  ];
  const refused = (problems: readonly Problem[], isAsking = false): Preflight => ({
    state: { state: 'refused', message: problemSummary(problems), isAsking },
    plan,
    problems,
  });
  if (hasError(known)) return refused(known);
  const images = prepareImages({ manifests: loaded.manifests, plan, store, images: input.images, wish: loaded.commit.id });
  const again = images.retryAtMs === undefined ? {} : { retryAtMs: images.retryAtMs };
  if (images.failed.length > 0) return { ...refused([...known, ...images.failed]), ...again };
  const { unplaced, isLasting } = placement(input, plan);
  // An image that was there before may only be looked for again: what has no place is the truer reason.
  const waiting = [...(input.dependencies ?? []).map(dependencyProblem), ...unplaced, ...images.waiting];
  if (waiting.length === 0) return { state: { state: 'ready' }, plan, problems: known };
  if (isLasting || input.now >= input.deadlineMs) return { ...refused([...known, ...waiting], images.isPulling), ...again };
  return {
    state: { state: 'waiting', waitingFor: waiting.map(waitText) },
    plan,
    problems: [...known, ...waiting],
    ...again,
  };
}

/** It is no fault of the manifests. */
function dependencyProblem(message: string): Problem {
  return { severity: 'error', reason: 'Waiting', file: '', line: 0, column: 0, field: '', message };
}

function waitText(problem: Problem): string {
  return problem.message;
}

function hasError(problems: readonly Problem[]): boolean {
  return problems.some((problem) => problem.severity === 'error');
}

function invalid(problems: readonly Problem[], plan: SyncPlan): Preflight {
  return { state: { state: 'invalid', message: problemSummary(problems) }, plan, problems };
}

/** The first error, and how many there are. */
export function problemSummary(problems: readonly Problem[]): string {
  const errors = problems.filter((problem) => problem.severity === 'error');
  const [first] = errors;
  if (first === undefined) return '';
  return `${formatProblem(first)}${errors.length > 1 ? ` (and ${errors.length - 1} more)` : ''}`;
}

/** What only the whole set shows. What the store has counts, unless the plan takes it away. */
export function setProblems(
  { manifests, store, application }: Pick<PreflightInput, 'store' | 'application'> & Pick<LoadedCommit, 'manifests'>,
  plan: Pick<SyncPlan, 'changes'>,
): readonly Problem[] {
  const going = new Set(plan.changes.filter((change) => change.action === 'delete').map((change) => keyString(change.key)));
  const isOthers = ({ metadata }: Stored): boolean => metadata.annotations?.[APPLICATION_ANNOTATION] !== application;
  return checkSet(manifests, {
    exists: (kind, namespace, name) => {
      const live = going.has(keyString({ kind, namespace, name })) ? undefined : liveOf(store, { kind, namespace, name });
      return live === undefined ? undefined : { keys: keysOf(live) };
    },
    hasPods: (namespace) => store.list('Pod', namespace).some(isOthers),
    hasLimits: (namespace) => store.list('LimitRange', namespace).some(isOthers),
    policies: (namespace) => existingPolicies(store, namespace, isOthers),
  });
}

/** What differs from the plan that somebody agreed to. */
function agreementProblems({ agreed, status, loaded }: PreflightInput, plan: SyncPlan): readonly Problem[] {
  const moved = agreed?.({ plan, status, loaded }) ?? [];
  return moved.map((message) =>
    problemAt({ file: '', line: 0 }, 'error', 'PlanMoved', '', `the saved plan does not hold: ${message}`),
  );
}

/** Objects that nothing would serve. */
export function networkProblems(manifests: readonly Manifest[], store: StoreReader): readonly Problem[] {
  const nodes = store.list('Node');
  return manifests.flatMap((manifest) => {
    const message = networkFault(manifest.resource, nodes);
    return message === undefined ? [] : [problemAt(manifest, 'error', 'UnsupportedKind', 'kind', message)];
  });
}

/** What has no place; `isLasting`: it is no use to wait until others leave. */
function placement(
  { checkPlacement: check = () => [], loaded, now }: PreflightInput,
  { changes, hooks = [] }: SyncPlan,
): { readonly unplaced: readonly Problem[]; readonly isLasting: boolean } {
  const places = new Map(loaded.manifests.map((manifest) => [keyString(keyOf(manifest.resource)), manifest]));
  // As they will be stored: what the manifest says otherwise and means alike moves no pod.
  const wanted = [...changes, ...hooks].flatMap(({ next }) => (next === undefined ? [] : [next]));
  const found = check(wanted, now);
  const unplaced = found.map(({ key, message }) => {
    const manifest = places.get(key);
    const subject = manifest === undefined ? '' : `${displayKey(keyOf(manifest.resource))}: `;
    return problemAt(manifest ?? { file: '', line: 0 }, 'error', 'Unschedulable', '', `${subject}${message}`);
  });
  return { unplaced, isLasting: found.some((each) => each.isLasting === true) };
}
