// Whether an object goes when no commit declares it any more, as its annotations say: in Holdfast's words or in those of Argo CD ("Sync
// Options", Prune=false and Prune=confirm). Pure.
import type { ObjectMeta } from './generated.ts';

/** Annotation of an object: `disabled` when it never goes by itself, `confirm` when a commit has to say so. */
export const PRUNE_ANNOTATION = 'holdfast.dev/prune';
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
