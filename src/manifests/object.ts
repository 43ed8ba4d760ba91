// One object: is it a kind that Holdfast has, does it fit its type, what are its defaults, does it keep the rules.
import type { Desired, Kind, Resource, Secret } from '../model/resource.ts';
import { referencesOf } from './checks/references.ts';
import { setDefaults } from './defaults/defaults.ts';
import { type Conversion, convertLegacy } from './legacy/legacy.ts';
import type { Manifest } from './load.ts';
import { formatPath } from './place.ts';
import type { Problem, ProblemReason } from './problem.ts';
import { type Report, required } from './report.ts';
import { checkSecret, checkSecretEncoding } from './rules/data.ts';
import { checkRules } from './rules/rules.ts';
import { admit, isPlainObject } from './schema/admit.ts';
import { findKind } from './schema/kinds.ts';
import { schemaOf, validate } from './schema/schema.ts';
import { partOf, type SourceObject, type SourcePlace } from './source.ts';

/** An object that is right, and where its name stands. */
export interface ReadObject {
  readonly manifest: Manifest;
  readonly namePlace: SourcePlace;
}

/** What was found out about an object so far. What is not supported yet is refused, and looked at all the same. */
interface Findings {
  readonly problems: Problem[];
  /** How many faults there are that make the rest meaningless. */
  faults: number;
}

const placeholder = /\$\{[A-Za-z_]\w*(?:[:=?+-][^}]*)?\}|\{\{[^}]*\}\}/;

/** The resources of an object: one, or the items of a List. Problems are added to `problems`. */
export function readResources(source: SourceObject, problems: Problem[]): ReadObject[] {
  const findings: Findings = { problems, faults: 0 };
  const report = reporterOf(source, findings);
  const { value } = source;
  if (!isPlainObject(value)) {
    const what = Array.isArray(value) ? 'a list' : value === null ? 'null' : `a ${typeof value}`;
    report([], 'NotAnObject', `not a Kubernetes object: this is ${what}, not a mapping`);
    return [];
  }
  const { apiVersion = null, kind = null } = value;
  if (isPlainObject(value['sops'])) {
    report(['sops'], 'UnsupportedField', 'documents that are encrypted with SOPS are not supported yet');
    return [];
  }
  if (apiVersion === null && kind === null) {
    const guess = isPlainObject(value['services']) ? ' (it looks like a Docker Compose file)' : '';
    report([], 'NotAnObject', `not a Kubernetes object: apiVersion and kind are missing${guess}`);
    return [];
  }
  for (const [field, entry] of Object.entries({ apiVersion, kind })) {
    if (entry === null || entry === '') report([field], 'Required', required());
    else if (typeof entry !== 'string') report([field], 'WrongType', `must be a string, not ${JSON.stringify(entry)}`);
  }
  if (typeof apiVersion !== 'string' || typeof kind !== 'string' || findings.faults > 0) return [];
  if (kind.endsWith('List') && (kind === 'List' || Array.isArray(value['items'])))
    return readList(value['items'] ?? [], source, findings);
  const conversion = convertLegacy(apiVersion, kind, value);
  if (conversion !== undefined) {
    report(['apiVersion'], 'Converted', conversion.note, 'note');
    return readKind(conversion.apiVersion, kind, converted(source, conversion), findings);
  }
  return readKind(apiVersion, kind, source, findings);
}

function converted(source: SourceObject, { value, placeOf }: Conversion): SourceObject {
  return {
    ...source,
    value,
    locate: (path) => source.locate(placeOf(path)),
    sourceAt: (path) => source.sourceAt(placeOf(path)),
  };
}

function readList(items: unknown, source: SourceObject, { problems, ...findings }: Findings): ReadObject[] {
  if (!Array.isArray(items)) {
    reporterOf(source, { problems, ...findings })(['items'], 'WrongType', 'must be a list');
    return [];
  }
  return items.flatMap((item: unknown, index) => readResources(partOf(source, ['items', index], item), problems));
}

function readKind(apiVersion: string, kind: string, source: SourceObject, findings: Findings): ReadObject[] {
  const report = reporterOf(source, findings);
  const finding = findKind(apiVersion, kind);
  if ('message' in finding) {
    report([finding.field], 'UnsupportedKind', finding.message);
    return [];
  }
  const { 'x-unsupported': refusal, 'x-no-effect': reason } = schemaOf(finding.kind);
  if (refusal !== undefined) report(['kind'], 'UnsupportedKind', `${kind} is not supported yet: ${refusal}`);
  if (reason !== undefined) report(['kind'], 'NoEffect', `accepted without effect: ${reason}`, 'note');
  return readResource(finding.kind, source, findings);
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
        : { reason: 'UnsupportedField', message: `placeholders such as ${found} are not supported yet; write the value itself` };
    findings.problems.push({
      severity,
      reason: told.reason,
      ...source.locate(path),
      field: formatPath(path),
      message: told.message,
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

function readResource(kind: Kind, source: SourceObject, findings: Findings): ReadObject[] {
  const report = reporterOf(source, findings);
  // Its caller has looked at apiVersion and kind.
  const admitted = admit(schemaOf(kind), source.value as Readonly<Record<string, unknown>>, report);
  validate(kind, admitted.value, report);
  if (findings.faults > 0) return [];
  admitted.dropIneffective();
  // The schema has just said so.
  const resource = admitted.value as unknown as Resource;
  const written = resource.kind === 'Secret' ? { ...resource } : undefined;
  if (written !== undefined) checkSecretEncoding(written, report);
  if (findings.faults > 0) return [];
  setDefaults(resource);
  checkRules(resource, report);
  if (written !== undefined) checkSecret(resource as Secret, written, report);
  if (findings.faults > 0) return [];
  const references = referencesOf(resource).map(({ path, ...rest }) => ({
    ...rest,
    field: formatPath(path),
    ...source.locate(path),
  }));
  const { file, line } = source.locate([]);
  const { kustomization } = source;
  const made = kustomization === undefined ? {} : { kustomization };
  const manifest: Manifest = { resource: resource as Desired, file, line, ...made, references };
  return [{ manifest: deepFreeze(manifest), namePlace: source.locate(['metadata', 'name']) }];
}

/** Results are shared between passes: writing to one is a mistake that must show. */
function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const entry of Object.values(value)) deepFreeze(entry);
  return value;
}
