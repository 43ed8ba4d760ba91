// One object of a document: is it a kind that Holdfast has, does it fit its type, what are its defaults, does it keep the rules.
import type { Desired, Kind, Resource, Secret } from '../model/resource.ts';
import { admit, isPlainObject } from './admit.ts';
import { setDefaults } from './defaults.ts';
import { findKind } from './kinds.ts';
import type { Manifest } from './load.ts';
import { formatPath, type Path, type Place } from './place.ts';
import type { Problem, ProblemReason } from './problem.ts';
import { referencesOf } from './references.ts';
import { type Report, required } from './report.ts';
import { checkSecret, checkSecretEncoding } from './rules/data.ts';
import { checkRules } from './rules/rules.ts';
import { schemaOf, validate } from './schema.ts';
import type { YamlDocument } from './yaml.ts';

/** An object that is right, and where its name stands. */
export interface ReadObject {
  readonly manifest: Manifest;
  readonly namePlace: Place;
}

/** What an object is read from, and where its faults are told. */
interface Origin {
  readonly document: YamlDocument;
  readonly file: string;
  /** The way to the object in its document: into a List, or empty. */
  readonly base: Path;
  readonly problems: Problem[];
}

const placeholder = /\$\{[A-Za-z_]\w*(?:[:=?+-][^}]*)?\}|\{\{[^}]*\}\}/;

/** The objects of a document: one, or the items of a List. Problems are added to `problems`. */
export function readObjects(document: YamlDocument, file: string, problems: Problem[]): ReadObject[] {
  for (const { reason, message, path, place } of document.faults)
    problems.push({ severity: 'error', reason, file, ...place, field: formatPath(path), message });
  return document.faults.length > 0 ? [] : readValue(document.value, { document, file, base: [], problems });
}

function readValue(value: unknown, origin: Origin): ReadObject[] {
  const faults = { count: 0 };
  const report = reporterOf(origin, faults);
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
  if (typeof apiVersion !== 'string' || typeof kind !== 'string' || faults.count > 0) return [];
  if (kind.endsWith('List') && (kind === 'List' || Array.isArray(value['items'])))
    return readList(value['items'] ?? [], origin, report);
  const finding = findKind(apiVersion, kind);
  if ('message' in finding) {
    report([finding.field], 'UnsupportedKind', finding.message);
    return [];
  }
  return readResource(finding.kind, value, origin, report, faults);
}

function readList(items: unknown, origin: Origin, report: Report): ReadObject[] {
  if (!Array.isArray(items)) {
    report(['items'], 'WrongType', 'must be a list');
    return [];
  }
  return items.flatMap((item: unknown, index) => readValue(item, { ...origin, base: [...origin.base, 'items', index] }));
}

/** Faults with their places. A field that holds a placeholder is told to be one, whatever else it breaks. */
function reporterOf({ document, file, base, problems }: Origin, faults: { count: number }): Report {
  return (path, reason, message, severity = 'error') => {
    const full = [...base, ...path];
    const isError = severity === 'error';
    if (isError) faults.count += 1;
    const source = isError && path.length > 0 ? document.sourceAt(full) : undefined;
    const found = isError && path.length > 0 ? placeholder.exec(`${String(path.at(-1))} ${source ?? ''}`)?.[0] : undefined;
    const told: { reason: ProblemReason; message: string } =
      found === undefined || reason === 'UnsupportedField'
        ? { reason, message: asWritten(message, source) }
        : { reason: 'UnsupportedField', message: `placeholders such as ${found} are not supported yet; write the value itself` };
    problems.push({
      severity,
      reason: told.reason,
      file,
      ...document.locate(full),
      field: formatPath(path),
      message: told.message,
    });
  };
}

/** `y` is a boolean and 0644 is 420: a message shows what the file says. */
function asWritten(message: string, source: string | undefined): string {
  if (source === undefined) return message;
  return message.replace(/, not the (boolean|number) [^;]+/, (_all, type: string) => `, not the ${type} ${source}`);
}

function readResource(
  kind: Kind,
  value: Readonly<Record<string, unknown>>,
  origin: Origin,
  report: Report,
  faults: { count: number },
): ReadObject[] {
  const admitted = admit(schemaOf(kind), value, report);
  validate(kind, admitted.value, report);
  if (faults.count > 0) return [];
  admitted.dropIneffective();
  // The schema has just said so.
  const resource = admitted.value as unknown as Resource;
  const written = resource.kind === 'Secret' ? { ...resource } : undefined;
  if (written !== undefined) checkSecretEncoding(written, report);
  if (faults.count > 0) return [];
  setDefaults(resource);
  checkRules(resource, report);
  if (written !== undefined) checkSecret(resource as Secret, written, report);
  if (faults.count > 0) return [];
  const { document, file, base } = origin;
  const references = referencesOf(resource).map(({ path, ...rest }) => ({
    ...rest,
    field: formatPath(path),
    ...document.locate([...base, ...path]),
  }));
  const manifest: Manifest = { resource: resource as Desired, file, line: document.locate(base).line, references };
  return [{ manifest: deepFreeze(manifest), namePlace: document.locate([...base, 'metadata', 'name']) }];
}

/** Results are shared between passes: writing to one is a mistake that must show. */
function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const entry of Object.values(value)) deepFreeze(entry);
  return value;
}
