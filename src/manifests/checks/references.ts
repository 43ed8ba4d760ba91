// References that lead nowhere: to objects that are neither in the set nor there already, and to keys and ports that these do not have.
import { isNamespaced } from '../../model/resource.ts';
import type { Facts, PlacedReference } from './facts.ts';
import type { ExistingObject, Finding, ObjectSet, Tell } from './object-set.ts';
import type { Reference } from './reference.ts';

/** A ConfigMap that Kubernetes puts into every namespace. */
const ROOT_CERTIFICATE = 'kube-root-ca.crt';

/** Something of the whole cluster that is missing: the first who refers to it, and how many others do. */
interface Absence {
  readonly at: Facts;
  readonly reference: Reference;
  others: number;
}

/** An object of the set hides an existing one of the same name. What is missing is told once for each object that refers to it. */
export function checkReferences(set: ObjectSet, tell: Tell): void {
  const claims = madeClaims(set);
  const absences = new Map<string, Absence>();
  for (const at of set.members) {
    let told: Set<string> | undefined;
    for (const reference of at.references) {
      const { id, key, kind } = reference;
      const target: ExistingObject | undefined = set.byId(id) ?? findOutside(reference, set, claims);
      if (target !== undefined && (key === undefined || target.keys === undefined || target.keys.includes(key))) continue;
      const cause = target === undefined ? id : `${id}/${key ?? ''}`;
      if (told?.has(cause) === true) continue;
      told = (told ?? new Set()).add(cause);
      if (target !== undefined) tell(missingKey(at, reference, target));
      else if (isNamespaced(kind)) tell(missingObject(at, reference, set));
      else count(absences, at, reference);
    }
  }
  for (const { at, reference, others } of absences.values()) tell(missingObject(at, reference, set, others));
}

/** What runs already, and the claims that StatefulSets make for each pod: `data-db-0` of the template `data` and the set `db`. */
function findOutside(
  { kind, namespace, name }: Reference,
  set: ObjectSet,
  claims: ReadonlySet<string>,
): ExistingObject | undefined {
  const made = kind === 'PersistentVolumeClaim' ? /^(.+)-\d+$/.exec(name)?.[1] : undefined;
  const isMade = made !== undefined && claims.has(`${namespace}/${made}`);
  // A class that declared volumes have needs no declaration of its own: its claims take those (Kubernetes, "Persistent Volumes").
  const isOfVolumes =
    kind === 'StorageClass' && set.ofKind('PersistentVolume').some(({ resource }) => resource.spec.storageClassName === name);
  return set.surroundings.exists(kind, namespace, name) ?? (isMade || isOfVolumes ? {} : undefined);
}

function madeClaims(set: ObjectSet): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { key, resource } of set.ofKind('StatefulSet'))
    for (const { metadata } of resource.spec.volumeClaimTemplates ?? [])
      names.add(`${key.namespace}/${metadata?.name ?? ''}-${key.name}`);
  return names;
}

/** An error and a note about the same thing are told apart. */
function count(absences: Map<string, Absence>, at: Facts, reference: PlacedReference): void {
  const id = `${reference.consequence === undefined ? 'error' : 'note'} ${reference.id}`;
  const absence = absences.get(id);
  if (absence === undefined) absences.set(id, { at, reference, others: 0 });
  else absence.others += 1;
}

function missingObject(at: Facts, reference: Reference, set: ObjectSet, others = 0): Finding {
  const { kind, namespace, name, path, consequence } = reference;
  if (kind === 'ConfigMap' && name === ROOT_CERTIFICATE) {
    const message = `${name} is not supported yet: there is no Kubernetes API whose certificate it could hold; remove the reference`;
    return { at, path, severity: 'error', reason: 'UnsupportedField', message };
  }
  const where = namespace === '' ? '' : ` in namespace "${namespace}"`;
  const more = others === 0 ? '' : `; ${others} more ${others === 1 ? 'object refers' : 'objects refer'} to it`;
  const message = `${kind} "${name}" is not declared${where}${more}${consequence === undefined ? '' : `: ${consequence}`}.`;
  const severity = consequence === undefined ? 'error' : 'note';
  return {
    at,
    path,
    severity,
    reason: 'NotFound',
    message,
    wrong: { word: name, among: () => set.namesOf(kind, namespace) },
  };
}

function missingKey(at: Facts, reference: Reference, { keys = [] }: ExistingObject): Finding {
  const { kind, name, key = '', path, keyPath = path, consequence } = reference;
  const what = kind !== 'Service' ? `key "${key}"` : /^\d+$/.test(key) ? `port ${key}` : `port "${key}"`;
  return {
    at,
    path: keyPath,
    severity: consequence === undefined ? 'error' : 'note',
    reason: 'NotFound',
    message: `${kind} "${name}" has no ${what}.`,
    // A number that differs in one digit is another number.
    ...(/^\d+$/.test(key) && kind === 'Service' ? {} : { wrong: { word: key, among: () => keys } }),
  };
}
