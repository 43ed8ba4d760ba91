// Whether an object goes when no commit declares it any more, as its annotations say: in Holdfast's words or in those of Argo CD ("Sync
// Options", Prune=false and Prune=confirm); and for how long it can be brought back. Pure.
import type { ObjectMeta } from './generated.ts';
import { DURATION_RULE, durationMs } from './sync-policy.ts';

/** Annotation of an object: `disabled` when it never goes by itself, `confirm` when a commit has to say so. */
export const PRUNE_ANNOTATION = 'holdfast.dev/prune';
/** Annotation of an object: for how long it can be brought back when a commit has removed it, such as `30m`; `disabled` for never. */
export const SOFT_DELETE_ANNOTATION = 'holdfast.dev/soft-delete';
const ARGO_OPTIONS = 'argocd.argoproj.io/sync-options';

type Annotated = { readonly metadata: Pick<ObjectMeta, 'annotations'> };

/** `disabled`: it stays. `confirm`: it goes only with a commit that says so. Undefined: it goes. The stricter of two that differ. */
export function prunePolicyOf({ metadata: { annotations = {} } }: Annotated): 'disabled' | 'confirm' | undefined {
  const options = (annotations[ARGO_OPTIONS] ?? '').split(',').map((option) => option.trim());
  const own = annotations[PRUNE_ANNOTATION]?.trim();
  if (own === 'disabled' || options.includes('Prune=false')) return 'disabled';
  return own === 'confirm' || options.includes('Prune=confirm') ? 'confirm' : undefined;
}

/** What is wrong with the annotation of an object. */
export function prunePolicyFault({ metadata: { annotations = {} } }: Annotated): string | undefined {
  const own = annotations[PRUNE_ANNOTATION]?.trim();
  if (own === undefined || own === 'disabled' || own === 'confirm') return undefined;
  return `Invalid value: ${JSON.stringify(own)}: must be "disabled", so that the object stays when it is no longer declared, or "confirm", so that it goes only with a commit that says so`;
}

/** For how long an object says that it can be brought back, in milliseconds: 0 for never, undefined when it does not say. */
export function softDeleteMsOf({ metadata: { annotations = {} } }: Annotated): number | undefined {
  const own = annotations[SOFT_DELETE_ANNOTATION]?.trim();
  if (own === undefined) return undefined;
  return own === 'disabled' ? 0 : durationMs(own);
}

/** What is wrong with that annotation of an object. */
export function softDeleteFault(object: Annotated): string | undefined {
  const own = object.metadata.annotations?.[SOFT_DELETE_ANNOTATION];
  if (own === undefined || softDeleteMsOf(object) !== undefined) return undefined;
  return `Invalid value: ${JSON.stringify(own)}: ${DURATION_RULE}, or "disabled"`;
}
