// Which objects the target of a patch or of a built-in transformer means (kustomize's Selector).
import { originalId } from './ids.ts';
import type { BuildResource } from './resource.ts';
import { currentId, effectiveNamespace } from './steps/identity.ts';
import { readSelector } from './steps/selector.ts';
import type { Settings } from './steps/settings.ts';

/**
 * The test for a target. Names and namespaces match as they are or as they first were; group, version and kind as they are. Undefined, and
 * problems, when a part of it cannot be read.
 */
export function readTarget(settings: Settings): ((resource: BuildResource) => boolean) | undefined {
  const selector = readSelector(settings);
  if (selector === undefined) return undefined;
  return (resource) => {
    const ids = [originalId(resource), currentId(resource.value)];
    return (
      ids.some((id) => selector.takesNamespace(effectiveNamespace(id))) &&
      ids.some(({ name }) => selector.takesName(name)) &&
      selector.takesKind(currentId(resource.value)) &&
      selector.takesLabels(resource.value)
    );
  };
}
