// Labels and annotations for all objects (kustomize's LabelTransformer and AnnotationsTransformer).
import { isPlainObject } from '../schema/admit.ts';
import type { SourcePlace } from '../source.ts';
import { mergeSpecs } from './config.ts';
import { configOf } from './default-config.ts';
import { isMeantFor, splitFieldPath, visitFields } from './field-path.ts';
import { metadataLabels } from './field-specs.ts';
import type { Build, BuildResource, BuildStep, FieldSpec, KustomizationFile, PlainMap } from './resource.ts';
import { changeScalar, type Slot } from './shared-scalars.ts';
import { currentId } from './steps/identity.ts';

/** A label or annotation and where it is written. */
export interface SetPair {
  readonly key: string;
  readonly value: string;
  readonly place: SourcePlace;
}

/** Sets labels or annotations in the maps that the specs lead to. */
export function setPairs(
  resources: readonly BuildResource[],
  pairs: readonly SetPair[],
  specs: readonly FieldSpec[],
  build: Build,
): void {
  if (pairs.length === 0) return;
  const steps = specs.map((spec) => ({ spec, path: splitFieldPath(spec.path) }));
  for (const { value } of resources) {
    const id = currentId(value);
    const made = new Map<string, Slot[]>();
    const meant = steps.filter(({ spec }) => isMeantFor(spec, id));
    // One label after the other, because a map that is made for the first may be what a field of the next leads to.
    for (const pair of pairs)
      for (const { spec, path } of meant)
        visitFields(value, path, { create: spec.create, leaf: 'map', origins: build.origins }, (owner, field) => {
          const map = owner[field];
          if (isPlainObject(map)) setPair(map, pair, made, build);
        });
    for (const slots of made.values()) build.shared.join(slots);
  }
}

function setPair(owner: PlainMap, { key, value, place }: SetPair, made: Map<string, Slot[]>, build: Build): void {
  if (!Object.hasOwn(owner, key)) {
    const slots = made.get(key) ?? [];
    slots.push({ owner, key });
    made.set(key, slots);
  }
  changeScalar(owner, key, value, build, place);
}

/** `labels`, then `commonLabels`. */
export const setLayerLabels: BuildStep = (resources, layer, build) => {
  const config = configOf(layer);
  const entries = (layer.value['labels'] ?? []) as readonly PlainMap[];
  for (const [index, entry] of entries.entries()) {
    const own = (entry['fields'] ?? []) as readonly Partial<FieldSpec>[];
    const specs = joinSpecs(
      [
        own.map(({ group = '', version = '', kind = '', path = '', create = false }) => ({ group, version, kind, path, create })),
        config.labels,
        ...labelTargets(entry, layer),
      ],
      (conflict) => {
        const message = `conflicting field specs: ${conflict.path} is both to be made and not to be made where it is missing`;
        const place = layer.locate(['labels', index]);
        build.problems.push({ severity: 'error', reason: 'Conflict', ...place, field: `labels[${index}]`, message });
      },
    );
    setPairs(resources, pairsAt(layer, ['labels', index, 'pairs'], entry['pairs']), specs, build);
  }
  setPairs(resources, pairsAt(layer, ['commonLabels'], layer.value['commonLabels']), config.commonLabels, build);
};

/** `commonAnnotations`. */
export const setLayerAnnotations: BuildStep = (resources, layer, build) => {
  const specs = configOf(layer).commonAnnotations;
  setPairs(resources, pairsAt(layer, ['commonAnnotations'], layer.value['commonAnnotations']), specs, build);
};

function labelTargets(entry: PlainMap, layer: KustomizationFile): (readonly FieldSpec[])[] {
  const config = configOf(layer);
  if (entry['includeSelectors'] === true) return [config.commonLabels];
  return [
    ...(entry['includeTemplates'] === true ? [config.templateLabels] : []),
    ...(entry['includeVolumeClaimTemplates'] === true ? [config.volumeClaimTemplateLabels] : []),
    metadataLabels,
  ];
}

function joinSpecs(lists: readonly (readonly FieldSpec[])[], onConflict: (conflict: FieldSpec) => void): readonly FieldSpec[] {
  let specs: readonly FieldSpec[] = [];
  for (const list of lists) {
    const joined = mergeSpecs(specs, list);
    if ('conflict' in joined) onConflict(joined.conflict);
    else specs = joined;
  }
  return specs;
}

/** The pairs of a map of the file, which its schema has looked at, in the order of their keys. */
function pairsAt(layer: KustomizationFile, path: readonly (string | number)[], map: unknown): SetPair[] {
  return Object.entries((map ?? {}) as Record<string, string>)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, value]) => ({ key, value, place: layer.locate([...path, key]) }));
}
