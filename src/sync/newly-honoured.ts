// Fields of pods that earlier versions accepted and left out of what they stored, because they had no effect. A newer version must not
// restart what runs for their sake: they come into effect with the next commit, which says so. Pure.
import type { FieldChange } from './diff.ts';

const fieldNames: ReadonlySet<string> = new Set([
  'dnsPolicy',
  'enableServiceLinks',
  'terminationMessagePath',
  'terminationMessagePolicy',
]);

/** Whether the live object lacks such fields, and nothing else differs. */
export function areNewlyHonoured(changes: readonly FieldChange[]): boolean {
  return changes.length > 0 && changes.every(isNewlyHonoured);
}

function isNewlyHonoured({ path, old }: FieldChange): boolean {
  return old === undefined && path.startsWith('spec.') && fieldNames.has(path.slice(path.lastIndexOf('.') + 1));
}
