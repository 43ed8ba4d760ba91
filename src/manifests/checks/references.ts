// References that lead nowhere: to objects that are neither in the set nor there already, and to keys and ports that these do not have.
import { isNamespaced, keyString } from '../../model/resource.ts';
import { type Facts, keysOf } from './facts.ts';
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
  const search = new Search(set);
  const absences = new Map<string, Absence>();
  for (const facts of set.members) {
    if (facts.references.length === 0) continue;
    const told = new Set<string>();
    for (const reference of facts.references) {
      const { kind, namespace, name, key } = reference;
      const id = keyString({ kind, namespace, name });
      const target = search.find(reference, id);
      if (target !== undefined && (key === undefined || target.keys === undefined || target.keys.includes(key))) continue;
      const cause = target === undefined ? id : `${id}/${key ?? ''}`;
      if (told.has(cause)) continue;
      told.add(cause);
      if (target !== undefined) tell(missingKey(facts, reference, target));
      else if (isNamespaced(kind)) tell(missingObject(facts, reference, set));
      else count(absences, id, facts, reference);
    }
  }
  for (const { at, reference, others } of absences.values()) tell(missingObject(at, reference, set, others));
}

/** An error goes before a note about the same thing. */
function count(absences: Map<string, Absence>, id: string, at: Facts, reference: Reference): void {
  const severity = reference.consequence === undefined ? 'error' : 'note';
  const absence = absences.get(`${severity} ${id}`);
  if (absence === undefined) absences.set(`${severity} ${id}`, { at, reference, others: 0 });
  else absence.others += 1;
}

/** Finds what references lead to. */
class Search {
  readonly #set: ObjectSet;
  readonly #claims: ReadonlySet<string>;
  readonly #keys = new Map<string, ExistingObject>();

  constructor(set: ObjectSet) {
    this.#set = set;
    this.#claims = new Set(
      set
        .ofKind('StatefulSet')
        .flatMap(({ key, resource }) =>
          (resource.spec.volumeClaimTemplates ?? []).map(
            ({ metadata }) => `${key.namespace}/${metadata?.name ?? ''}-${key.name}`,
          ),
        ),
    );
  }

  find({ kind, namespace, name, key }: Reference, id: string): ExistingObject | undefined {
    const declared = this.#set.get(kind, namespace, name);
    if (declared === undefined)
      return this.#set.surroundings.exists(kind, namespace, name) ?? (this.#isMade(kind, namespace, name) ? {} : undefined);
    if (key === undefined) return {};
    const before = this.#keys.get(id);
    if (before !== undefined) return before;
    const keys = keysOf(declared.resource);
    const found: ExistingObject = keys === undefined ? {} : { keys };
    this.#keys.set(id, found);
    return found;
  }

  /** StatefulSets make a claim for each pod: `data-db-0` of the template `data` and the set `db`. */
  #isMade(kind: Reference['kind'], namespace: string, name: string): boolean {
    const made = kind === 'PersistentVolumeClaim' ? /^(.+)-\d+$/.exec(name)?.[1] : undefined;
    return made !== undefined && this.#claims.has(`${namespace}/${made}`);
  }
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
