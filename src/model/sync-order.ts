// Facts about the order within a commit that several rooms must agree on: in which wave an object is applied, and which Jobs are hooks. Said
// in annotations, in Holdfast's words or in those of Argo CD ("Sync Phases and Waves", "Resource Hooks"). Pure; judges nothing but texts.
import type { ObjectMeta, SyncHook } from './generated.ts';

/** Annotation of an object: in which wave of its commit it is applied. */
export const WAVE_ANNOTATION = 'holdfast.dev/sync-wave';
/** Annotation of a Job: when it runs as a hook of its commit. */
export const HOOK_ANNOTATION = 'holdfast.dev/hook';
/** Annotation of a hook: when its Job is deleted. */
export const HOOK_POLICY_ANNOTATION = 'holdfast.dev/hook-delete-policy';
/** Annotation of a hook's Job in the store: the attempt that it runs for, as `<commit>.<run>`. */
export const HOOK_RUN_ANNOTATION = 'holdfast.dev/hook-run';
const ARGO_WAVE = 'argocd.argoproj.io/sync-wave';
/** How Argo CD names a hook; here too. */
export const ARGO_HOOK_ANNOTATION = 'argocd.argoproj.io/hook';
const ARGO_POLICY = 'argocd.argoproj.io/hook-delete-policy';
const HELM_HOOK = 'helm.sh/hook';

/** When a hook runs. */
export type HookEvent = SyncHook['event'];
/** When a hook's Job is deleted. */
export type HookPolicy = 'before-hook-creation' | 'hook-succeeded' | 'hook-failed';

/** What makes a Job a hook. */
export interface Hook {
  readonly event: HookEvent;
  /** `before-hook-creation` when nothing is said. */
  readonly policies: readonly HookPolicy[];
}

/** An annotation that cannot be followed. */
export interface OrderFault {
  readonly annotation: string;
  readonly message: string;
  /** Nothing is lost: it is told, and the commit goes on. */
  readonly isNote?: true;
}

const events: readonly HookEvent[] = ['pre-sync', 'sync', 'post-sync', 'sync-fail'];
const argoEvents: Readonly<Record<string, HookEvent>> = {
  PreSync: 'pre-sync',
  Sync: 'sync',
  PostSync: 'post-sync',
  SyncFail: 'sync-fail',
};
const policies: readonly HookPolicy[] = ['before-hook-creation', 'hook-succeeded', 'hook-failed'];
const argoPolicies: Readonly<Record<string, HookPolicy>> = {
  BeforeHookCreation: 'before-hook-creation',
  HookSucceeded: 'hook-succeeded',
  HookFailed: 'hook-failed',
};
/** Far from what anybody needs, and safe to calculate with. */
const MAX_WAVE = 2 ** 31 - 1;

type Annotated = { readonly metadata: Pick<ObjectMeta, 'annotations'> };
type Reading<T> = { readonly value?: T; readonly faults: readonly OrderFault[] };

/** The wave of an object; 0 when it says none, or none that can be read. */
export function waveOf(object: Annotated): number {
  return readWave(object).value ?? 0;
}

/** What makes an object a hook; undefined when it is none. */
export function hookOf(object: Annotated): Hook | undefined {
  const { metadata } = object;
  if (metadata.annotations?.[HOOK_ANNOTATION] === undefined && metadata.annotations?.[ARGO_HOOK_ANNOTATION] === undefined)
    return undefined;
  const event = readEvent(object).value;
  if (event === undefined || event === 'skip') return undefined;
  return { event, policies: readPolicies(object).value ?? ['before-hook-creation'] };
}

/** Whether an object is left out of its commit, as Argo CD's hook `Skip` asks for. */
export function isSkipped(object: Annotated): boolean {
  return readEvent(object).value === 'skip';
}

/** What is wrong with the annotations of an object. */
export function orderFaults(object: Annotated & { readonly kind: string }): readonly OrderFault[] {
  const { annotations = {} } = object.metadata;
  const helm = annotations[HELM_HOOK];
  const event = readEvent(object);
  const policy = readPolicies(object);
  const isPolicyAlone = event.value === undefined && event.faults.length === 0;
  return [
    ...readWave(object).faults,
    ...event.faults,
    ...(isPolicyAlone ? withoutHook(annotations) : policy.faults),
    ...(event.value === undefined || event.value === 'skip' || object.kind === 'Job' ? [] : [notAJob(object)]),
    ...(helm === undefined
      ? []
      : [
          {
            annotation: HELM_HOOK,
            message: `Helm's hooks (${helm}) are not run: annotate a Job with ${HOOK_ANNOTATION}: pre-sync, sync, post-sync or sync-fail instead, or take the annotation out to have the object applied like any other`,
          },
        ]),
  ];
}

function notAJob({ kind, metadata: { annotations = {} } }: Annotated & { readonly kind: string }): OrderFault {
  const annotation = annotations[HOOK_ANNOTATION] === undefined ? ARGO_HOOK_ANNOTATION : HOOK_ANNOTATION;
  const message = `only a Job can be a hook, not a ${kind}: make it a Job, or take the annotation out and give the ${kind} an earlier or later ${WAVE_ANNOTATION}`;
  return { annotation, message };
}

/** A policy says nothing where there is no hook, as in Argo CD. */
function withoutHook(annotations: Readonly<Record<string, string>>): readonly OrderFault[] {
  return [HOOK_POLICY_ANNOTATION, ARGO_POLICY]
    .filter((annotation) => annotations[annotation] !== undefined)
    .map((annotation) => ({ annotation, message: 'accepted without effect: the object is no hook', isNote: true }));
}

/** What two annotations say that mean the same; the texts are only told. */
function agreed<T>(
  { metadata: { annotations = {} } }: Annotated,
  names: readonly [own: string, argo: string],
  read: (text: string, isArgo: boolean) => T | string,
  isText: (value: T | string) => value is string,
): Reading<T> {
  const faults: OrderFault[] = [];
  const values: T[] = [];
  for (const [index, annotation] of names.entries()) {
    const text = annotations[annotation];
    if (text === undefined) continue;
    const found = read(text.trim(), index === 1);
    if (isText(found)) faults.push({ annotation, message: found });
    else values.push(found);
  }
  const [one, other] = values;
  if (other !== undefined && JSON.stringify(one) !== JSON.stringify(other))
    faults.push({
      annotation: names[1],
      message: `says ${annotations[names[1]]}, and ${names[0]} says ${annotations[names[0]]}: keep one of them`,
    });
  return faults.length > 0 || one === undefined ? { faults } : { value: one, faults };
}

const wrong = (text: string, rule: string): string => `Invalid value: ${JSON.stringify(text)}: ${rule}`;

function readWave(object: Annotated): Reading<number> {
  const read = (text: string): number | string =>
    /^[+-]?\d{1,10}$/.test(text) && Math.abs(Number(text)) <= MAX_WAVE
      ? Number(text)
      : wrong(text, 'must be a whole number such as "-1", "0" or "5": lower ones are applied first');
  return agreed(object, [WAVE_ANNOTATION, ARGO_WAVE], read, (value) => typeof value === 'string');
}

/** `skip` in a box of its own: the events are texts too. */
function readEvent(object: Annotated): Reading<HookEvent | 'skip'> {
  const reading = agreed<{ readonly event: HookEvent | 'skip' }>(
    object,
    [HOOK_ANNOTATION, ARGO_HOOK_ANNOTATION],
    (text, isArgo) => {
      if (text.includes(',')) return wrong(text, 'a hook runs at one time: make a Job for each');
      const own = events.find((event) => event === text);
      const found = isArgo ? (text === 'Skip' ? 'skip' : argoEvents[text]) : own;
      return found === undefined ? wrong(text, unknownEvent(isArgo)) : { event: found };
    },
    (value) => typeof value === 'string',
  );
  return reading.value === undefined ? { faults: reading.faults } : { value: reading.value.event, faults: reading.faults };
}

function unknownEvent(isArgo: boolean): string {
  return isArgo
    ? `must be ${Object.keys(argoEvents).join(', ')} or Skip; the other hooks of Argo CD, which run when an application is deleted, do not exist here: run such a Job by hand before you delete`
    : `must be ${events.slice(0, -1).join(', ')} or ${events.at(-1)}`;
}

function readPolicies(object: Annotated): Reading<readonly HookPolicy[]> {
  return agreed<readonly HookPolicy[]>(
    object,
    [HOOK_POLICY_ANNOTATION, ARGO_POLICY],
    (text, isArgo) => {
      const words = text.split(',').map((word) => word.trim());
      const found = words.map((word) => (isArgo ? argoPolicies[word] : policies.find((policy) => policy === word)));
      const known = found.filter((policy) => policy !== undefined);
      const allowed = isArgo ? Object.keys(argoPolicies) : policies;
      if (known.length < found.length) return wrong(text, `must be one or more of ${allowed.join(', ')}`);
      return [...new Set(known)].toSorted();
    },
    (value) => typeof value === 'string',
  );
}
