// The Application of a set: what a manifest of that kind, standing in the path once, says of how the others are read and applied.
import type { Application, ApplicationSpec } from '../../model/resource.ts';
import { policyOf, type RevertPolicy, type SyncPolicy } from '../../model/sync-policy.ts';
import { formatPath, type Path } from '../place.ts';
import type { Problem } from '../problem.ts';
import { forbidden, invalid, type Report } from '../report.ts';
import { checkObjectMeta } from '../rules/metadata.ts';
import { admit, isPlainObject } from '../schema/admit.ts';
import { schemaOf, validate } from '../schema/schema.ts';
import { partOf, type SourceObject, type SourcePlace } from '../source.ts';
import { checkNotifications } from './notifications.ts';
import { checkPolicy } from './policy.ts';
import { isVariableName, VARIABLE_NAME_RULE } from './template.ts';

/** An object whose keys are variables. */
export interface SubstituteReference {
  readonly kind: 'ConfigMap' | 'Secret';
  readonly name: string;
  readonly namespace?: string;
  readonly optional?: boolean;
}

/** What an application is configured with. Without a manifest of the kind everything is as if it said nothing. */
export interface ApplicationSettings {
  readonly substitute: Readonly<Record<string, string>>;
  readonly substituteFrom: readonly SubstituteReference[];
  /** Whether a variable that is not defined and has no default is a mistake. */
  readonly isStrict: boolean;
  readonly skipUnknownKinds: boolean;
  /** Until a commit must be healthy; undefined when the manifest does not say. */
  readonly timeoutSeconds: number | undefined;
  /** Who is told what becomes of commits; empty when nobody. */
  readonly notifications: NonNullable<ApplicationSpec['notifications']>;
  /** How it is synced; empty when the manifest does not say. */
  readonly policy: SyncPolicy;
  /** Where a field of the manifest stands; undefined when there is none. */
  readonly locate: ((path: Path) => SourcePlace) | undefined;
}

/** The settings of a set without an Application. */
export const noSettings: ApplicationSettings = {
  substitute: {},
  substituteFrom: [],
  isStrict: true,
  skipUnknownKinds: false,
  timeoutSeconds: undefined,
  notifications: [],
  policy: {},
  locate: undefined,
};

/** What `spec` may hold once the schema has judged it. */
interface SettingsFields extends SyncPolicy {
  readonly substitute?: Readonly<Record<string, string>>;
  readonly substituteFrom?: readonly SubstituteReference[];
  readonly strictSubstitution?: boolean;
  readonly skipUnknownKinds?: boolean;
  readonly timeoutSeconds?: number;
  readonly notifications?: NonNullable<ApplicationSpec['notifications']>;
  readonly prune?: boolean;
}

/** For whom a set is read. */
export interface SettingsReader {
  /** The name under which the set is reconciled, when that is known: its Application must have it too. */
  readonly applicationName?: string | undefined;
  /** Another application declares the one that the set is: it says how the set is synced. */
  readonly isDeclared?: boolean | undefined;
  /** Why nothing can be written to the repository as it is wanted; undefined when it can. */
  readonly revertFault?: ((wanted: RevertPolicy) => string | undefined) | undefined;
}

/** What `readSettings` found. */
export interface SettingsFinding {
  readonly settings: ApplicationSettings;
  /** All other objects, in order. */
  readonly rest: readonly SourceObject[];
  readonly problems: readonly Problem[];
}

/**
 * Takes the Application that speaks of the set itself out of it, and reads it; it is never applied. Those that declare further applications are
 * objects like all others. A second one of the first sort is a problem, and so is every fault of the first; the settings are those of a set
 * without one then.
 */
export function readSettings(objects: readonly SourceObject[], reader: SettingsReader = {}): SettingsFinding {
  const problems: Problem[] = [];
  const rest: SourceObject[] = [];
  let first: SourceObject | undefined;
  let settings = noSettings;
  for (const object of objects.flatMap(itemsIfAnyIsApplication)) {
    if (!isApplication(object.value) || isDeclaration(object.value)) rest.push(object);
    else if (first === undefined) {
      first = object;
      settings = readApplication(object, reader, problems) ?? noSettings;
    } else reporterOf(object, problems)(['kind'], 'Conflict', secondApplication(first));
  }
  return { settings, rest, problems };
}

function secondApplication(first: SourceObject): string {
  const { file, line } = first.locate([]);
  return `there is an Application already at ${file}:${line}; one path is one application. One that declares another says where it is, with path or source`;
}

/** Whether an Application is another one than that of the path in which it stands. */
export function isDeclaration(value: unknown): boolean {
  if (!isApplication(value)) return false;
  const { spec } = value;
  return isPlainObject(spec) && (spec['path'] !== undefined || spec['source'] !== undefined);
}

function isApplication(value: unknown): value is Readonly<Record<string, unknown>> {
  return isPlainObject(value) && value['kind'] === 'Application' && value['apiVersion'] === 'holdfast.dev/v1';
}

function itemsIfAnyIsApplication(object: SourceObject): readonly SourceObject[] {
  const { value } = object;
  if (!isPlainObject(value) || value['kind'] !== 'List' || !Array.isArray(value['items'])) return [object];
  const items = value['items'] as readonly unknown[];
  return items.some(isApplication) ? items.map((item, index) => partOf(object, ['items', index], item)) : [object];
}

function reporterOf(source: SourceObject, problems: Problem[]): Report {
  return (path, reason, message, severity = 'error') => {
    problems.push({ severity, reason, ...source.locate(path), field: formatPath(path), message });
  };
}

function readApplication(
  source: SourceObject,
  { applicationName, isDeclared = false, revertFault }: SettingsReader,
  problems: Problem[],
): ApplicationSettings | undefined {
  const before = countErrors(problems);
  const report = reporterOf(source, problems);
  const schema = schemaOf('Application');
  const admitted = admit(schema, source.value as Readonly<Record<string, unknown>>, report);
  // What only the store keeps is not asked of a manifest.
  validate('Application', admitted.value, report);
  if (countErrors(problems) > before) return undefined;
  admitted.dropIneffective();
  // The schema has just said so.
  const application = admitted.value as unknown as Application;
  checkObjectMeta(application, report);
  const { name } = application.metadata;
  if (applicationName !== undefined && name !== undefined && name !== applicationName)
    report(['metadata', 'name'], 'Invalid', invalid(name, otherName(applicationName, name)));
  const fields = application.spec as SettingsFields;
  for (const variable of Object.keys(fields.substitute ?? {}))
    if (!isVariableName(variable)) report(['spec', 'substitute', variable], 'Invalid', invalid(variable, VARIABLE_NAME_RULE));
  for (const field of Object.keys(application.spec))
    if (field === 'verify' && !isDeclared) report(['spec', field], 'Invalid', forbidden(NOT_ITS_OWN_KEYS));
    else if (ofDeclarations.has(field)) report(['spec', field], 'Invalid', forbidden(ONLY_DECLARED));
    else if (isDeclared && !ofReading.has(field)) report(['spec', field], 'Invalid', forbidden(NOT_DECLARED));
  checkNotifications(fields.notifications ?? [], report);
  checkPolicy(fields, report);
  const revert = isDeclared ? undefined : fields.rollback?.revert;
  const unwritable = revert === undefined ? undefined : revertFault?.(revert);
  if (unwritable !== undefined) report(['spec', 'rollback', 'revert'], 'Invalid', forbidden(unwritable));
  if (countErrors(problems) > before) return undefined;
  return {
    substitute: fields.substitute ?? {},
    substituteFrom: fields.substituteFrom ?? [],
    isStrict: fields.strictSubstitution ?? true,
    skipUnknownKinds: fields.skipUnknownKinds ?? false,
    timeoutSeconds: fields.timeoutSeconds,
    notifications: fields.notifications ?? [],
    policy: policyOf(fields),
    locate: (path) => source.locate(path),
  };
}

/** What only another application can say of one. */
const ofDeclarations: ReadonlySet<string> = new Set(['dependsOn', 'targetNamespace']);
/** What the path of a declared application says of itself. */
const ofReading: ReadonlySet<string> = new Set([
  'substitute',
  'substituteFrom',
  'strictSubstitution',
  'skipUnknownKinds',
  'timeoutSeconds',
]);
const ONLY_DECLARED = 'may only be specified where another application declares this one, with its path or source';
const NOT_ITS_OWN_KEYS =
  'a commit cannot say who may sign it: whoever pushes it could write that. Give the keys to "holdfast reconcile" with --verify-keys';
const NOT_DECLARED = 'another application declares this one: that declaration says how it is synced';

const otherName = (wanted: string, written: string): string =>
  `the application that is reconciled from this path is called "${wanted}"; write that name, or reconcile with --application ${written}`;

const countErrors = (problems: readonly Problem[]): number => problems.filter(({ severity }) => severity === 'error').length;
