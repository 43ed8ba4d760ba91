// The step that sets how many pods run: `replicas`.
import { configOf } from '../default-config.ts';
import { isMeantFor } from '../field-path.ts';
import type { Build, BuildResource, BuildStep, FieldSpec, PlainMap } from '../resource.ts';
import { visitSpecs } from './field-specs.ts';
import { idsOf } from './identity.ts';
import { entriesAt, refuseUnknown, reportInvalid, requiredTextOf, type Settings, wholeNumberOf } from './settings.ts';

/** Sets the replicas of a layer's `replicas`. An object is meant by its present name or by one that it had. */
export const setReplicas: BuildStep = (resources, layer, build) => {
  const specs = configOf(layer).replicas;
  for (const settings of entriesAt(layer, 'replicas', build)) {
    refuseUnknown(settings, ['name', 'count']);
    setReplicaCount(settings, resources, build, specs);
  }
};

/** Sets what one entry asks for. That nothing has the name is a fault. */
export function setReplicaCount(
  settings: Settings,
  resources: readonly BuildResource[],
  build: Build,
  specs: readonly FieldSpec[],
): void {
  const name = requiredTextOf(settings, 'name');
  const count = wholeNumberOf(settings, 'count');
  // Kustomize takes an absent count for none at all, which nobody means.
  if (count === undefined && (settings.value['count'] ?? null) === null) settings.report(['count'], 'Required', 'Required value');
  if (name === undefined || count === undefined) return;
  if (count < 0) {
    reportInvalid(settings, ['count'], count, 'must be greater than or equal to 0');
    return;
  }
  const place = settings.locate(['count']);
  let isFound = false;
  for (const spec of specs)
    for (const resource of resources) {
      const isNamed = idsOf(resource).some((id) => id.name === name && isMeantFor(spec, id));
      if (!isNamed) continue;
      isFound = true;
      const set = (holder: PlainMap, key: string): void => {
        holder[key] = count;
        build.origins.mark(holder, key, place);
      };
      visitSpecs(resource.value, [spec], set, { leaf: 'text', origins: build.origins });
    }
  const kinds = specs.length === 0 ? 'object' : [...new Set(specs.map(({ kind }) => (kind === '' ? 'object' : kind)))].join(', ');
  if (!isFound) settings.report(['name'], 'NotFound', `there is no ${kinds} with the name "${name}"`);
}
