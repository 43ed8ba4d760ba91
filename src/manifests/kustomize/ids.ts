// The ids of the objects of a build: how they are remembered when a name changes, and how a set of objects holds each id once.
import type { Build, BuildResource, ResourceId } from './resource.ts';
import { currentId, effectiveNamespace } from './steps/identity.ts';

/** As kustomize writes an id: `Deployment.v1.apps/web.[noNs]`. */
export function showId({ group, version, kind, name, namespace }: ResourceId): string {
  const or = (text: string, otherwise: string): string => (text === '' ? otherwise : text);
  return `${or(kind, '[noKind]')}.${or(version, '[noVer]')}.${or(group, '[noGrp]')}/${or(name, '[noName]')}.${or(namespace, '[noNs]')}`;
}

/** A text that two ids have in common when kustomize takes them for the same object. */
export function idKey(id: ResourceId): string {
  return JSON.stringify([id.group, id.version, id.kind, id.name, effectiveNamespace(id)]);
}

/** Call it before the name, namespace or kind of an object changes: others refer to it by what it is called now. */
export function rememberId(resource: BuildResource): void {
  resource.previousIds.push(currentId(resource.value));
}

/** What an object was called when it was read. */
export function originalId(resource: BuildResource): ResourceId {
  return resource.previousIds[0] ?? currentId(resource.value);
}

/** What every id stands for. Of two objects with one id the first counts. */
export function byId(resources: readonly BuildResource[]): Map<string, BuildResource> {
  const ids = new Map<string, BuildResource>();
  for (const resource of resources) {
    const key = idKey(currentId(resource.value));
    if (!ids.has(key)) ids.set(key, resource);
  }
  return ids;
}

/** Reports that an object may not be there because another one has its id. */
export function reportRegistered(resource: BuildResource, other: BuildResource, build: Build): void {
  const first = build.origins.locate(other.value, ['metadata', 'name']);
  const place = placeOf(resource, build);
  const isSame = first !== undefined && first.file === place.file && first.line === place.line && first.column === place.column;
  const where =
    first === undefined
      ? ''
      : isSame
        ? '; it comes from here twice: give one of the ways to it a prefix, a suffix or a namespace of its own'
        : `; the first is at ${first.file}:${first.line}`;
  build.problems.push({
    severity: 'error',
    reason: 'Duplicate',
    ...place,
    field: 'metadata.name',
    message: `may not add resource with an already registered id: ${showId(currentId(resource.value))}${where}`,
  });
}

/** Reports every object whose id another one has; for after a step that changed names. */
export function reportSharedIds(resources: readonly BuildResource[], build: Build): void {
  const ids = byId(resources);
  for (const resource of resources) {
    const other = ids.get(idKey(currentId(resource.value)));
    if (other !== undefined && other !== resource) reportRegistered(resource, other, build);
  }
}

function placeOf(
  resource: BuildResource,
  build: Build,
): { readonly file: string; readonly line: number; readonly column: number } {
  return build.origins.locate(resource.value, ['metadata', 'name']) ?? { file: resource.kustomization, line: 1, column: 1 };
}
