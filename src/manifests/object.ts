// One object: is it a kind that Holdfast has, does it fit its type, what are its defaults, does it keep the rules.
import { type Desired, isNamespaced, type Kind, type Resource, type Secret } from '../model/resource.ts';
import { setDefaults } from './defaults/defaults.ts';
import { type Conversion, convertLegacy } from './legacy/legacy.ts';
import type { Manifest } from './load.ts';
import { formatPath, type Path } from './place.ts';
import type { Problem, ProblemReason } from './problem.ts';
import { invalid, type Report, required } from './report.ts';
import { checkSecret, checkSecretEncoding } from './rules/data.ts';
import { checkRules } from './rules/rules.ts';
import { isLeftOut } from './rules/sync-order.ts';
import { admit, isPlainObject } from './schema/admit.ts';
import { findKind, isOfClusterOnly } from './schema/kinds.ts';
import { schemaOf, validate } from './schema/schema.ts';
import { partOf, rearranged, type SourceObject, type SourcePlace } from './source.ts';
import { explainOrigin } from './variables/substitute.ts';
import { explainPlaceholder } from './variables/variable-set.ts';

/** A custom resource, or an object of a kind that only a cluster has: refused, or left out on demand. */
export interface ForeignObject {
  /** Such as `Certificate (cert-manager.io/v1)`. */
  readonly kind: string;
  readonly place: SourcePlace;
  /** Why it is refused, and what is wrong with it besides. */
  readonly problems: readonly Problem[];
}

/** An object that has faults, as far as it says who it is. Others may refer to it. */
export interface LostObject {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** What came of objects that were read together. */
export interface Admission {
  readonly manifests: Manifest[];
  readonly problems: Problem[];
  readonly foreign: ForeignObject[];
  /** One for each object that is none of these; undefined for one that does not say who it is. */
  readonly lost: (LostObject | undefined)[];
  /** Whether texts that could not be read or rendered hide objects. */
  readonly isPartial?: boolean;
}

/** How objects are admitted. */
export interface AdmissionOptions {
  /** A placeholder that is still there was left alone on purpose. */
  readonly areVariablesConfigured?: boolean;
  /** The namespace of namespaced objects that name none; those that name another are refused. */
  readonly targetNamespace?: string | undefined;
}

/** What was found out about an object so far. What is not supported yet is refused, and looked at all the same. */
interface Findings {
  readonly into: Admission;
  readonly options: AdmissionOptions;
  /** How many faults there are that make the rest meaningless. */
  faults: number;
}

const placeholder = /\$\{#?[A-Za-z_]\w{0,100}(?:[^\w}][^}]{0,200})?\}|\{\{[^}]{0,200}\}\}/;

/** Turns objects into resources, or says what is wrong with them. */
export function admitObjects(sources: readonly SourceObject[], options: AdmissionOptions = {}): Admission {
  const admission: Admission = { manifests: [], problems: [], foreign: [], lost: [] };
  for (const source of sources) admitObject(source, options, admission);
  return admission;
}

/** Whatever there is of an object: a resource, a foreign one, or what it was to be. */
function admitObject(source: SourceObject, options: AdmissionOptions, into: Admission): void {
  const { manifests, foreign, lost } = into;
  const count = manifests.length + foreign.length;
  const hasItems = admitPlain(source, options, into);
  if (!hasItems && manifests.length + foreign.length === count) lost.push(identityOf(source.value));
}

function identityOf(value: unknown): LostObject | undefined {
  if (!isPlainObject(value) || typeof value['kind'] !== 'string' || !isPlainObject(value['metadata'])) return undefined;
  const { name, namespace = 'default' } = value['metadata'];
  const isKnown = typeof name === 'string' && name !== '' && typeof namespace === 'string' && !placeholder.test(name + namespace);
  return isKnown ? { kind: value['kind'], namespace, name } : undefined;
}

/** One object, or the items of a List: then the answer is true. */
function admitPlain(source: SourceObject, options: AdmissionOptions, into: Admission): boolean {
  const findings: Findings = { into, options, faults: 0 };
  const report = reporterOf(source, findings);
  const { value } = source;
  if (!isPlainObject(value)) {
    const what = Array.isArray(value) ? 'a list' : value === null ? 'null' : `a ${typeof value}`;
    report([], 'NotAnObject', `not a Kubernetes object: this is ${what}, not a mapping`);
    return false;
  }
  const { apiVersion = null, kind = null } = value;
  if (apiVersion === null && kind === null) {
    const guess = isPlainObject(value['services']) ? ' (it looks like a Docker Compose file)' : '';
    report([], 'NotAnObject', `not a Kubernetes object: apiVersion and kind are missing${guess}`);
    return false;
  }
  for (const [field, entry] of Object.entries({ apiVersion, kind })) {
    if (entry === null || entry === '') report([field], 'Required', required());
    else if (typeof entry !== 'string') report([field], 'WrongType', `must be a string, not ${JSON.stringify(entry)}`);
  }
  if (typeof apiVersion !== 'string' || typeof kind !== 'string' || findings.faults > 0) return false;
  if (kind.endsWith('List') && (kind === 'List' || Array.isArray(value['items'])))
    return admitList(value['items'] ?? [], source, findings);
  // Whether it is left out is for the set to say.
  const isForeign = isOfClusterOnly(apiVersion, kind);
  const target: Admission = isForeign ? { manifests: [], problems: [], foreign: [], lost: [] } : into;
  admitVersion(apiVersion, kind, source, { into: target, options, faults: 0 });
  if (isForeign)
    into.foreign.push({ kind: `${kind} (${apiVersion})`, place: source.locate(['kind']), problems: target.problems });
  return false;
}

/** An object that has an apiVersion and a kind. */
function admitVersion(apiVersion: string, kind: string, source: SourceObject, findings: Findings): void {
  const conversion = convertLegacy(apiVersion, kind, source.value as Readonly<Record<string, unknown>>);
  if (conversion === undefined) {
    admitKind(apiVersion, kind, source, findings);
    return;
  }
  const report = reporterOf(source, findings);
  report(['apiVersion'], 'Converted', conversion.note, 'note');
  for (const { path, message } of conversion.refusals) report(path, 'UnsupportedField', message);
  admitKind(conversion.apiVersion, kind, converted(source, conversion), findings);
}

function converted(source: SourceObject, conversion: Conversion): SourceObject {
  return rearranged(source, conversion.value, (path) => conversion.placeOf(path));
}

function admitList(items: unknown, source: SourceObject, { into, options, faults }: Findings): boolean {
  if (!Array.isArray(items)) {
    reporterOf(source, { into, options, faults })(['items'], 'WrongType', 'must be a list');
    return false;
  }
  for (const [index, item] of items.entries()) admitObject(partOf(source, ['items', index], item as unknown), options, into);
  return true;
}

function admitKind(apiVersion: string, kind: string, source: SourceObject, findings: Findings): void {
  const report = reporterOf(source, findings);
  const finding = findKind(apiVersion, kind);
  if ('message' in finding) {
    report([finding.field], 'UnsupportedKind', finding.message);
    return;
  }
  const { 'x-unsupported': refusal, 'x-no-effect': reason, 'x-input': isInput } = schemaOf(finding.kind);
  if (isInput === true) {
    // What is read while rendering was taken out before, unless it stands where nobody looks for it.
    const cure = apiVersion.startsWith('kustomize.') ? 'built, not applied; call its file kustomization.yaml' : 'not applied';
    report(['kind'], 'UnsupportedKind', `a ${kind} is ${cure}`);
    return;
  }
  if (refusal !== undefined) report(['kind'], 'UnsupportedKind', `${kind} is not supported yet: ${refusal}`);
  if (reason !== undefined) report(['kind'], 'NoEffect', `accepted without effect: ${reason}`, 'note');
  admitResource(finding.kind, source, findings);
}

/** Faults with their places. A field that holds a placeholder is told to be one, whatever else it breaks. */
function reporterOf(source: SourceObject, findings: Findings): Report {
  return (path, reason, message, severity = 'error') => {
    const isError = severity === 'error';
    if (isError && !isRefusal(reason)) findings.faults += 1;
    const written = isError && path.length > 0 ? source.sourceAt(path) : undefined;
    const found = isError && path.length > 0 ? placeholder.exec(`${String(path.at(-1))} ${written ?? ''}`)?.[0] : undefined;
    const told: { reason: ProblemReason; message: string } =
      found === undefined || reason === 'UnsupportedField'
        ? { reason, message: asWritten(message, written) }
        : { reason: 'UnsupportedField', message: explainPlaceholder(found, findings.options.areVariablesConfigured ?? false) };
    findings.into.problems.push({
      severity,
      reason: told.reason,
      ...source.locate(path),
      field: formatPath(path),
      message: told.message + (isError ? explainOrigin(source, path) : ''),
    });
  };
}

/** Kubernetes has it and Holdfast does not: the commit is refused, and what is wrong besides is told as well. */
function isRefusal(reason: ProblemReason): boolean {
  return reason === 'UnsupportedField' || reason === 'UnsupportedKind';
}

/** `y` is a boolean and 0644 is 420: a message shows what the file says. */
function asWritten(message: string, source: string | undefined): string {
  if (source === undefined) return message;
  return message.replace(/, not the (boolean|number) [^;]+/, (_all, type: string) => `, not the ${type} ${source}`);
}

function admitResource(kind: Kind, source: SourceObject, findings: Findings): void {
  const report = reporterOf(source, findings);
  // Its caller has looked at apiVersion and kind.
  const admitted = admit(schemaOf(kind), source.value as Readonly<Record<string, unknown>>, report);
  const told: Path[] = [];
  const isTyped = validate(kind, admitted.value, (path, ...fault) => {
    told.push(path);
    report(path, ...fault);
  });
  if (!isTyped) return;
  if (findings.faults > 0) {
    checkWhatIsThere(admitted.value as unknown as Resource, told, report);
    return;
  }
  // The schema has just said so.
  const resource = admitted.value as unknown as Resource;
  placeInNamespace(resource, findings.options.targetNamespace, report);
  const written = resource.kind === 'Secret' ? { ...resource } : undefined;
  if (written !== undefined) checkSecretEncoding(written, report);
  if (findings.faults > 0) return;
  setDefaults(resource);
  checkRules(resource, report);
  if (written !== undefined) checkSecret(resource as Secret, written, report);
  if (findings.faults > 0 || isLeftOut(resource, report)) return;
  // What has no effect is judged like all else before it goes; what comes in its place is the default.
  if (admitted.dropIneffective()) setDefaults(resource);
  findings.into.manifests.push(manifestOf(deepFreeze(resource) as Desired, source));
}

/**
 * Gives an object the namespace of its application. Flux moves one that names another namespace, Argo CD leaves it where it says: what would be
 * meant is not certain.
 */
function placeInNamespace({ kind, metadata }: Resource, target: string | undefined, report: Report): void {
  if (target === undefined || !isNamespaced(kind)) return;
  metadata.namespace ??= target;
  if (metadata.namespace === target) return;
  const message = `the objects of this application go into the namespace "${target}", its targetNamespace: leave the namespace out, or the targetNamespace`;
  report(['metadata', 'namespace'], 'Invalid', invalid(metadata.namespace, message));
}

/** What is wrong with a value whatever stands beside it, in Kubernetes' words. */
const ofItself =
  /^Invalid value: .*(?:regex used for validation|must match the regular expression|must be (?:between|greater than(?: or equal to)?) (?:-?\d|zero))/s;

/**
 * The rules for an object with misspelt names or words at the paths of `told`. What seems to be missing, forbidden or without its counterpart
 * may be what was misspelt, so only values that are wrong by themselves are told.
 */
function checkWhatIsThere(resource: Resource, told: readonly Path[], report: Report): void {
  if (resource.kind === 'Secret') return;
  setDefaults(resource);
  const known = new Set(told.map(formatPath));
  checkRules(resource, (path, reason, message, severity) => {
    if (severity === undefined && ofItself.test(message) && !known.has(formatPath(path))) report(path, reason, message);
  });
}

function manifestOf(resource: Desired, { locate, kustomization }: Omit<SourceObject, 'value'>): Manifest {
  const { file, line } = locate([]);
  const made = kustomization === undefined ? {} : { kustomization };
  return Object.freeze({ resource, file, line, ...made, locate });
}

/** Results are shared between passes: writing to one is a mistake that must show. */
function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const entry of Object.values(value)) deepFreeze(entry);
  return value;
}
