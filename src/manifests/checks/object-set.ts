// The objects of one set as the checks see them: each key once, in the order of their places, and ways to find them. Also how a check
// tells what it has found. Judges nothing itself.
import type {
  Kind,
  LimitRange,
  Namespace,
  PriorityClass,
  Resource,
  ResourceQuota,
  RuntimeClass,
  ServiceAccount,
} from '../../model/resource.ts';
import type { Manifest } from '../load.ts';
import { formatPath, type Path } from '../place.ts';
import type { Problem, ProblemReason } from '../problem.ts';
import type { SourcePlace } from '../source.ts';
import { didYouMean } from '../suggest.ts';
import { type Facts, type FactsOf, factsOf } from './facts.ts';
import { PodIndex } from './pod-index.ts';

/** What is known of an object outside the set. Without `keys` every key is taken to be there; see `keysOf`. */
export interface ExistingObject {
  readonly keys?: readonly string[] | undefined;
}

/** The policies of a namespace beside the set. */
export interface ExistingPolicies {
  readonly namespace: Namespace | undefined;
  readonly limitRanges: readonly LimitRange[];
  readonly quotas: readonly ResourceQuota[];
  readonly priorityClasses: readonly PriorityClass[];
  readonly runtimeClasses: readonly RuntimeClass[];
  readonly serviceAccounts: readonly ServiceAccount[];
  /** Objects of the namespace that are not the set's. */
  readonly others: Iterable<Resource>;
}

/** What is there beside the set. */
export interface Surroundings {
  /** An object; the namespace is empty for kinds of the whole cluster. */
  exists(kind: Kind, namespace: string, name: string): ExistingObject | undefined;
  /** Whether a namespace has, or may have, pods that no object of the set makes. */
  hasPods(namespace: string): boolean;
  /** Whether a namespace has, or may have, a LimitRange. */
  hasLimits(namespace: string): boolean;
  /** The policies that a namespace has already, and what is counted in its quotas; absent when nothing is known. */
  policies?(namespace: string): ExistingPolicies;
}

/** A field of an object. */
export interface Spot {
  readonly at: Facts;
  readonly path: Path;
}

/** What a check has found: at a field of an object. */
export interface Finding extends Spot {
  readonly severity: Problem['severity'];
  readonly reason: ProblemReason;
  /** What is wrong; told with the name and the place of `other`. */
  readonly message: string | ((other: string) => string);
  /** The other party, where there are two. */
  readonly other?: Spot;
  /** Nothing is wrong when the field has its value from a default. */
  readonly isAboutWritten?: true;
  /** A word that is wrong, and those that would have been right: for "did you mean". */
  readonly wrong?: { readonly word: string; readonly among: () => Iterable<string> };
}

export type Tell = (finding: Finding) => void;

/** One question about a whole set. */
export type Check = (set: ObjectSet, tell: Tell) => void;

/** How many candidates all the "did you mean" of one set may look at. */
const MAX_CANDIDATES = 200_000;

export class ObjectSet {
  /** In the order of file and line. A second object of the same key is left out: it is told elsewhere. */
  readonly members: readonly Facts[];
  readonly pods: PodIndex;
  readonly surroundings: Surroundings;
  readonly #byId = new Map<string, Facts>();
  readonly #byKind = new Map<Kind, Facts[]>();
  #positions: Map<Facts, number> | undefined;
  readonly #otherPods = new Map<string, boolean>();
  #names: Map<string, string[]> | undefined;

  constructor(manifests: readonly Manifest[], surroundings: Surroundings) {
    const members: Facts[] = [];
    for (const facts of manifests.map(factsOf).sort(byPlace)) {
      if (this.#byId.has(facts.id)) continue;
      this.#byId.set(facts.id, facts);
      const ofKind = this.#byKind.get(facts.key.kind);
      if (ofKind === undefined) this.#byKind.set(facts.key.kind, [facts]);
      else ofKind.push(facts);
      members.push(facts);
    }
    this.members = members;
    this.surroundings = surroundings;
    this.pods = new PodIndex(members);
  }

  /** The object of a key. */
  byId(id: string): Facts | undefined {
    return this.#byId.get(id);
  }

  /** All objects of a kind, in order. */
  ofKind<K extends Kind>(kind: K): readonly FactsOf<K>[] {
    // The list was filled by kind.
    return (this.#byKind.get(kind) ?? []) as readonly Facts[] as readonly FactsOf<K>[];
  }

  /** Whether one object stands before another. */
  isBefore(one: Facts, other: Facts): boolean {
    this.#positions ??= new Map(this.members.map((facts, position) => [facts, position]));
    return (this.#positions.get(one) ?? 0) < (this.#positions.get(other) ?? 0);
  }

  /** Whether a namespace has, or may have, pods that no object of the set makes. */
  hasOtherPods(namespace: string): boolean {
    const answer = this.#otherPods.get(namespace) ?? this.surroundings.hasPods(namespace);
    this.#otherPods.set(namespace, answer);
    return answer;
  }

  /** The names of all objects of a kind in a namespace. */
  namesOf(kind: Kind, namespace: string): readonly string[] {
    if (this.#names === undefined) {
      this.#names = new Map();
      for (const { key } of this.members) {
        const group = `${key.kind}/${key.namespace}`;
        const names = this.#names.get(group);
        if (names === undefined) this.#names.set(group, [key.name]);
        else names.push(key.name);
      }
    }
    return this.#names.get(`${kind}/${namespace}`) ?? [];
  }
}

function byPlace(one: Facts, other: Facts): number {
  const [left, right] = [one.manifest, other.manifest];
  if (left.file !== right.file) return left.file < right.file ? -1 : 1;
  if (left.line !== right.line) return left.line - right.line;
  return one.id < other.id ? -1 : one.id > other.id ? 1 : 0;
}

const places = new WeakMap<Manifest, Map<string, SourcePlace>>();

/** Where a field of an object is written. The first question about a file is dear, so the answers are kept. */
function placeOf({ at: { manifest }, path }: Spot): SourcePlace {
  let ofManifest = places.get(manifest);
  if (ofManifest === undefined) {
    ofManifest = new Map();
    places.set(manifest, ofManifest);
  }
  const field = formatPath(path);
  const before = ofManifest.get(field);
  if (before !== undefined) return before;
  const place = manifest.locate?.(path) ?? { file: manifest.file, line: manifest.line, column: 1 };
  ofManifest.set(field, place);
  return place;
}

/** What a parent's place is taken for is not written. */
function isWritten({ at, path }: Spot): boolean {
  const [own, parent] = [placeOf({ at, path }), placeOf({ at, path: path.slice(0, -1) })];
  return own.file !== parent.file || own.line !== parent.line || own.column !== parent.column;
}

/** Another object, as a message at `from` names it: `deployment/web (apps/web.yaml:12)`. */
function nameOther(other: Spot, from: Facts): string {
  const { kind, namespace, name } = other.at.key;
  const { file, line } = placeOf(other);
  const where = namespace === '' || namespace === from.key.namespace ? '' : ` in ${namespace}`;
  return `${kind.toLowerCase()}/${name}${where} (${file}:${line})`;
}

/** Findings as problems, sorted by place. The same findings in another order give the same problems. */
export function problemsOf(findings: readonly Finding[]): Problem[] {
  // File by file, so that each is opened once.
  const spots: Spot[] = findings.flatMap((finding) => (finding.other === undefined ? [finding] : [finding, finding.other]));
  for (const spot of spots.toSorted((one, other) => byFile(one.at.manifest, other.at.manifest))) placeOf(spot);
  const placed = findings.flatMap((finding) => {
    const { at, path, severity, reason, other, message, isAboutWritten } = finding;
    if (isAboutWritten === true && !isWritten(finding)) return [];
    const text = typeof message === 'string' ? message : message(other === undefined ? '' : nameOther(other, at));
    const problem: Problem = { severity, reason, ...placeOf(finding), field: formatPath(path), message: text };
    return [{ problem, finding }];
  });
  placed.sort((one, other) => byPlaceAndText(one.problem, other.problem));
  let left = MAX_CANDIDATES;
  return placed.map(({ problem, finding: { wrong } }) => {
    if (wrong === undefined) return problem;
    const candidates: string[] = [];
    for (const candidate of wrong.among()) {
      if (left <= 0) break;
      left -= 1;
      candidates.push(candidate);
    }
    return { ...problem, message: problem.message + didYouMean(wrong.word, candidates) };
  });
}

function byFile(one: Manifest, other: Manifest): number {
  return one.file < other.file ? -1 : one.file > other.file ? 1 : 0;
}

function byPlaceAndText(one: Problem, other: Problem): number {
  if (one.file !== other.file) return one.file < other.file ? -1 : 1;
  if (one.line !== other.line) return one.line - other.line;
  if (one.column !== other.column) return one.column - other.column;
  const [left, right] = [`${one.field} ${one.message}`, `${other.field} ${other.message}`];
  return left < right ? -1 : left > right ? 1 : 0;
}
