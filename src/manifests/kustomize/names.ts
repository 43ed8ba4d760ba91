// Prefixes and suffixes of names (kustomize's PrefixTransformer and SuffixTransformer), and the hashes of generated content. That others
// refer to the objects by their new names is seen to at the end of the build: see name-references.ts.
import { configOf } from './default-config.ts';
import { isMeantFor, mapAt, splitFieldPath, visitFields } from './field-path.ts';
import { names } from './field-specs.ts';
import { originalId, rememberId } from './ids.ts';
import type { Build, BuildResource, BuildStep, FieldSpec } from './resource.ts';
import { changeScalar } from './shared-scalars.ts';
import { contentHash } from './steps/content-hash.ts';
import { isScalar } from './steps/scalars.ts';

/** What is put on the names of objects, and at which end. */
export interface NameAffix {
  readonly end: 'prefix' | 'suffix';
  readonly text: string;
}

/** Kinds whose names mean more than this object. */
const untouched = [
  { group: '', version: '', kind: 'CustomResourceDefinition' },
  { group: 'apiregistration.k8s.io', version: '', kind: 'APIService' },
  { group: '', version: '', kind: 'Namespace' },
];

/** Puts a prefix or suffix on the fields that the specs lead to: on the names, unless told otherwise. */
export function addAffix(
  resources: readonly BuildResource[],
  { end, text }: NameAffix,
  build: Build,
  specs: readonly FieldSpec[] = names,
): void {
  if (text === '') return;
  for (const resource of resources) {
    const id = originalId(resource);
    if (untouched.some((kinds) => isMeantFor(kinds, id))) continue;
    for (const spec of specs) {
      if (!isMeantFor(spec, id)) continue;
      if (spec.path === 'metadata/name') {
        (end === 'prefix' ? resource.prefixes : resource.suffixes).push(text);
        rememberId(resource);
      }
      const making = { create: spec.create, leaf: 'text', origins: build.origins } as const;
      visitFields(resource.value, splitFieldPath(spec.path), making, (owner, key) => {
        const old = owner[key];
        if (isScalar(old) && old !== null) changeScalar(owner, key, end === 'prefix' ? `${text}${old}` : `${old}${text}`, build);
      });
    }
  }
}

/** `namePrefix`, then `nameSuffix`. */
export const addLayerAffixes: BuildStep = (resources, layer, build) => {
  const config = configOf(layer);
  const { namePrefix = '', nameSuffix = '' } = layer.value as { namePrefix?: string; nameSuffix?: string };
  addAffix(resources, { end: 'prefix', text: namePrefix }, build, config.namePrefix);
  addAffix(resources, { end: 'suffix', text: nameSuffix }, build, config.nameSuffix);
};

/** Ends the names of generated objects with the hash of what is in them, once nothing changes any more. */
export function addHashes(resources: readonly BuildResource[]): void {
  for (const resource of resources) {
    const metadata = mapAt(resource.value, 'metadata');
    if (!resource.needsHash || metadata === undefined) continue;
    rememberId(resource);
    metadata['name'] = `${String(metadata['name'])}-${contentHash(resource.value)}`;
  }
}
