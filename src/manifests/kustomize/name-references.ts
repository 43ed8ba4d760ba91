// Follows changes of names: a field that holds the name of an object gets the name that the object has at the end of the build (kustomize's
// NameReferenceTransformer). Which object is meant is decided by what it was called when the reference was written, by its kind, its
// namespace, and the prefixes and suffixes that both went through.
import { isPlainObject } from '../schema/admit.ts';
import { isMeantFor, mapAt, ownEntry, splitFieldPath, visitFields } from './field-path.ts';
import { originalId, showId } from './ids.ts';
import type { Build, BuildResource, FieldSpec, NameReference, PlainMap, TransformerConfig } from './resource.ts';
import { currentId, effectiveNamespace } from './steps/identity.ts';

type Kinds = Pick<FieldSpec, 'group' | 'version' | 'kind'>;

/** One field of one kind, and the kind whose names it holds. */
interface Rule {
  readonly referrer: FieldSpec;
  readonly steps: readonly string[];
  readonly target: Kinds;
}

/** What the search for the object of one reference is given. */
interface Search {
  readonly referrer: BuildResource;
  readonly rule: Rule;
  readonly byName: ReadonlyMap<string, readonly BuildResource[]>;
  /** The namespaces that objects were in when they were read. */
  readonly firstNamespaces: ReadonlySet<string>;
  readonly build: Build;
}

/** Renames what refers to renamed objects. More than one object that could be meant is a problem. */
export function fixNameReferences(resources: readonly BuildResource[], config: TransformerConfig, build: Build): void {
  const byName = new Map<string, BuildResource[]>();
  for (const resource of resources)
    for (const name of new Set(resource.previousIds.map((id) => id.name))) {
      const same = byName.get(name);
      if (same === undefined) byName.set(name, [resource]);
      else same.push(resource);
    }
  if (byName.size === 0) return;
  const firstNamespaces = new Set(resources.map((resource) => effectiveNamespace(originalId(resource))));
  const rules = rulesByKind(config.nameReference);
  for (const referrer of resources) {
    const id = originalId(referrer);
    for (const rule of [...(rules.get(id.kind) ?? []), ...(rules.get('') ?? [])])
      if (isMeantFor(rule.referrer, id))
        visitFields(referrer.value, rule.steps, undefined, (owner, key) => {
          fixField(owner, key, { referrer, rule, byName, firstNamespaces, build });
        });
  }
}

function rulesByKind(references: readonly NameReference[]): Map<string, Rule[]> {
  const rules = new Map<string, Rule[]>();
  for (const { referrers, ...target } of references)
    for (const referrer of referrers) {
      const list = rules.get(referrer.kind) ?? [];
      list.push({ referrer, steps: splitFieldPath(referrer.path), target });
      rules.set(referrer.kind, list);
    }
  return rules;
}

function fixField(owner: PlainMap, key: string, search: Search): void {
  const value = owner[key];
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries())
      if (isPlainObject(item)) fixMap(item, search);
      else fixName(value as unknown as PlainMap, String(index), search);
  } else if (isPlainObject(value)) fixMap(value, search);
  else fixName(owner, key, search);
}

function fixName(owner: PlainMap, key: string, search: Search): void {
  const name = owner[key];
  if (typeof name !== 'string') return;
  const found = select(name, [...reachable(name, search)], search, (one, other) => one.name === other.name, [owner, key]);
  if (found !== undefined) owner[key] = currentId(found.value).name;
}

/** A map that names an object by its name and its namespace, such as a subject of a role binding. */
function fixMap(map: PlainMap, search: Search): void {
  const name = ownEntry(map, 'name');
  if (typeof name !== 'string') return;
  const all = [...reachable(name, search)];
  const namespace = ownEntry(map, 'namespace');
  const candidates = typeof namespace === 'string' ? inNamespace(namespace, all, search) : all;
  const isSame = (one: { name: string; namespace: string }, other: { name: string; namespace: string }): boolean =>
    one.name === other.name && one.namespace === other.namespace;
  const found = select(name, candidates, search, isSame, [map, 'name']);
  if (found === undefined) return;
  const now = currentId(found.value);
  map['name'] = now.name;
  if (now.namespace !== '') map['namespace'] = now.namespace;
}

/** Those that were in the namespace at first; if nothing at all was, those that are in it now. */
function inNamespace(
  namespace: string,
  resources: readonly BuildResource[],
  { firstNamespaces }: Search,
): readonly BuildResource[] {
  const idOf = firstNamespaces.has(namespace) ? originalId : ({ value }: BuildResource) => currentId(value);
  return resources.filter((resource) => effectiveNamespace(idOf(resource)) === namespace);
}

const isClusterWide = (resource: BuildResource): boolean =>
  effectiveNamespace({ ...currentId(resource.value), namespace: 'any' }) !== 'any';

/** The objects that once had the name and that the referrer can see from its namespace. */
function* reachable(name: string, { referrer, byName }: Search): Generator<BuildResource> {
  const candidates = byName.get(name);
  if (candidates === undefined) return;
  const namespace = effectiveNamespace(currentId(referrer.value));
  const seesAll = isClusterWide(referrer);
  const others = seesAll ? new Set<string>() : bindingNamespaces(referrer.value);
  for (const candidate of candidates) {
    const id = currentId(candidate.value);
    const isNear = seesAll || isClusterWide(candidate) || effectiveNamespace(id) === namespace;
    if (isNear || others.has(id.namespace)) yield candidate;
  }
}

/** Service accounts of other namespaces that a RoleBinding names. */
function bindingNamespaces(value: PlainMap): ReadonlySet<string> {
  const subjects: unknown = value['kind'] === 'RoleBinding' ? value['subjects'] : undefined;
  if (!Array.isArray(subjects)) return new Set();
  return new Set(
    subjects.flatMap((subject: unknown) => {
      if (!isPlainObject(subject) || subject['kind'] !== 'ServiceAccount') return [];
      return typeof subject['namespace'] === 'string' ? [subject['namespace']] : [];
    }),
  );
}

type Named = { readonly name: string; readonly namespace: string };

function select(
  name: string,
  all: readonly BuildResource[],
  search: Search,
  isSame: (one: Named, other: Named) => boolean,
  [owner, key]: readonly [PlainMap, string],
): BuildResource | undefined {
  const { referrer, rule, build } = search;
  const role = roleOf(referrer, rule);
  const wasKind = (resource: BuildResource, kinds: Kinds): boolean => resource.previousIds.some((id) => isMeantFor(kinds, id));
  let left = all.filter(
    (resource) =>
      wasKind(resource, rule.target) && (role === undefined || wasKind(resource, role)) && isInReach(resource, referrer),
  );
  if (left.length === 1) return left[0];
  left = left.filter((resource) => wentTheSameWay(resource, referrer, true));
  if (left.length > 1) left = left.filter((resource) => wentTheSameWay(resource, referrer, false));
  const [first] = left;
  if (first === undefined || left.every(({ value }) => isSame(currentId(value), currentId(first.value)))) return first;
  const place = build.origins.locate(referrer.value, []) ?? { file: referrer.kustomization, line: 1, column: 1 };
  build.problems.push({
    severity: 'error',
    reason: 'Conflict',
    ...(build.origins.locate(owner, [key]) ?? place),
    field: rule.referrer.path.replaceAll('/', '.'),
    message: `${JSON.stringify(name)} may mean any of ${left.map(({ value }) => showId(currentId(value))).join(', ')}`,
  });
  return undefined;
}

/** The kind that a `roleRef` names itself. */
function roleOf(referrer: BuildResource, { referrer: { path } }: Rule): Kinds | undefined {
  const role = path.endsWith('roleRef/name') ? mapAt(referrer.value, 'roleRef') : undefined;
  const [group, kind] = [role?.['apiGroup'], role?.['kind']];
  return typeof group === 'string' && typeof kind === 'string' ? { group, version: '', kind } : undefined;
}

/** Namespaced objects refer to their own namespace, to what is in none, and to service accounts. */
function isInReach(resource: BuildResource, referrer: BuildResource): boolean {
  if (isClusterWide(referrer) || isClusterWide(resource) || resource.value['kind'] === 'ServiceAccount') return true;
  return effectiveNamespace(currentId(referrer.value)) === effectiveNamespace(currentId(resource.value));
}

function wentTheSameWay(one: BuildResource, other: BuildResource, allowEmpty: boolean): boolean {
  return endAlike(one.prefixes, other.prefixes, allowEmpty) && endAlike(one.suffixes, other.suffixes, allowEmpty);
}

/** Whether the shorter list is the end of the longer one. Nothing is the end of nothing alone, unless it may be of anything. */
function endAlike(one: readonly string[], other: readonly string[], allowEmpty: boolean): boolean {
  if (one.length === 0 || other.length === 0) return allowEmpty || one.length === other.length;
  const length = Math.min(one.length, other.length);
  return Array.from({ length }, (_, index) => index + 1).every((back) => one.at(-back) === other.at(-back));
}
