// A HelmChart (holdfast.dev/v1) → what helm is asked for. Every fault is told at its field.
import { posix } from 'node:path';
import type { Kind } from '../../model/resource.ts';
import type { TreeFile } from '../file-tree.ts';
import { formatPath, type Path } from '../place.ts';
import type { Problem } from '../problem.ts';
import type { RenderContext } from '../rendering.ts';
import { forbidden, invalid, notFound, type Report, required, tooLong } from '../report.ts';
import { checkDnsLabel, checkDnsSubdomain } from '../rules/syntax.ts';
import { admit } from '../schema/admit.ts';
import { schemaOf, validate } from '../schema/schema.ts';
import type { SourceObject } from '../source.ts';
import type { HelmRequest } from './renderer.ts';
import { scalarsOf } from './secret-values.ts';

/** The most files and bytes of a chart that is committed. */
export const MAX_CHART_FILES = 5_000;
export const MAX_CHART_BYTES = 32 * 1024 * 1024;
/** Helm's own limit for the name of a release. */
const MAX_RELEASE_NAME = 53;
/** Only what has a schema is validated; that a HelmChart never becomes a resource does not matter for that. */
const helmChart = 'HelmChart' as Kind;

/** The fields of a HelmChart once the schema has judged it. */
interface ChartFields {
  readonly metadata: { readonly name?: string; readonly namespace?: string };
  readonly spec: {
    readonly chart: string;
    readonly repository?: string;
    readonly version?: string;
    readonly releaseName?: string;
    readonly targetNamespace?: string;
    readonly values?: Readonly<Record<string, unknown>>;
    readonly valuesFiles?: readonly string[];
    readonly includeCRDs?: boolean;
    readonly skipHooks?: boolean;
    readonly skipTests?: boolean;
    readonly kubeVersion?: string;
    readonly apiVersions?: readonly string[];
  };
}

/** A HelmChart that helm can be asked for. */
export interface ChartRequest {
  readonly request: HelmRequest;
  /** Texts that no message may show: they were encrypted in the repository. */
  readonly secrets: ReadonlySet<string>;
}

/** What is read while charts are looked at. */
export interface ChartReads {
  readonly context: RenderContext;
  readonly inputs: Map<string, string | undefined>;
  readonly folders: Set<string>;
  readonly problems: Problem[];
}

/** Reads one HelmChart and the files that it names; undefined when something is wrong with it. Rejects when the source fails. */
export async function readChart(source: SourceObject, reads: ChartReads): Promise<ChartRequest | undefined> {
  let faults = 0;
  const report: Report = (path, reason, message, severity = 'error') => {
    if (severity === 'error') faults += 1;
    reads.problems.push({ severity, reason, ...source.locate(path), field: formatPath(path), message });
  };
  const admitted = admit(schemaOf(helmChart), source.value as Readonly<Record<string, unknown>>, report);
  validate(helmChart, admitted.value, report);
  if (faults > 0) return undefined;
  // The schema has just said so. Values are helm's own: nothing is taken out of them, for null removes a value of the chart.
  const fields = admitted.value as unknown as ChartFields;
  const { values: inline } = (source.value as { spec: { values?: unknown } }).spec;
  const release = releaseOf(fields, report);
  checkCapabilities(fields, report);
  const chart = await chartOf(fields, source, reads, report);
  const files = await valuesOf(fields, source, reads, report);
  if (faults > 0 || chart === undefined) return undefined;
  const { includeCRDs = false, skipHooks = false, skipTests = false, kubeVersion, apiVersions } = fields.spec;
  return {
    request: {
      chart,
      ...release,
      values: inline === undefined || inline === null ? files.texts : [...files.texts, JSON.stringify(inline)],
      includeCrds: includeCRDs,
      skipHooks,
      skipTests,
      ...(kubeVersion === undefined ? {} : { kubeVersion }),
      ...(apiVersions === undefined ? {} : { apiVersions }),
    },
    secrets: files.secrets,
  };
}

function releaseOf({ metadata, spec }: ChartFields, report: Report): { releaseName: string; namespace: string } {
  if (metadata.name === undefined) report(['metadata', 'name'], 'Required', required());
  const releaseName = spec.releaseName ?? metadata.name ?? '';
  const namePath: Path = spec.releaseName === undefined ? ['metadata', 'name'] : ['spec', 'releaseName'];
  const nameFault = checkDnsSubdomain(releaseName);
  if (releaseName !== '' && nameFault !== undefined) report(namePath, 'Invalid', invalid(releaseName, nameFault));
  else if (releaseName.length > MAX_RELEASE_NAME) {
    const way = spec.releaseName === undefined ? '; set spec.releaseName to a shorter one' : '';
    report(namePath, 'Invalid', `${tooLong(MAX_RELEASE_NAME, 'characters')} for the name of a Helm release${way}`);
  }
  const namespace = spec.targetNamespace ?? metadata.namespace ?? 'default';
  const namespacePath: Path = spec.targetNamespace === undefined ? ['metadata', 'namespace'] : ['spec', 'targetNamespace'];
  const namespaceFault = checkDnsLabel(namespace);
  if (namespaceFault !== undefined) report(namespacePath, 'Invalid', invalid(namespace, namespaceFault));
  return { releaseName, namespace };
}

function checkCapabilities({ spec }: ChartFields, report: Report): void {
  const { kubeVersion, apiVersions = [] } = spec;
  if (kubeVersion !== undefined && !/^v?\d+\.\d+(?:\.\d+)?(?:[-+][\w.+-]*)?$/.test(kubeVersion))
    report(['spec', 'kubeVersion'], 'Invalid', invalid(kubeVersion, 'must be a version such as 1.32.0'));
  for (const [index, version] of apiVersions.entries()) {
    if (!/^[A-Za-z0-9][\w./-]*$/.test(version))
      report(
        ['spec', 'apiVersions', index],
        'Invalid',
        invalid(version, 'must be an API version such as batch/v1 or batch/v1/Job'),
      );
  }
}

async function chartOf(
  { spec }: ChartFields,
  source: SourceObject,
  reads: ChartReads,
  report: Report,
): Promise<HelmRequest['chart'] | undefined> {
  const isOci = spec.chart.startsWith('oci://');
  if (spec.repository === undefined && !isOci) {
    if (spec.version !== undefined)
      report(['spec', 'version'], 'Invalid', forbidden('a chart of this repository has the version of its Chart.yaml'));
    return await localChart(spec.chart, source, reads, report);
  }
  if (isOci && spec.repository !== undefined)
    report(['spec', 'repository'], 'Invalid', forbidden('an oci:// chart names its repository itself'));
  const slash = spec.chart.lastIndexOf('/');
  const repository = isOci ? spec.chart.slice(0, slash) : (spec.repository ?? '').replace(/\/+$/, '');
  const name = isOci ? spec.chart.slice(slash + 1) : spec.chart;
  checkRepository(repository, isOci ? ['spec', 'chart'] : ['spec', 'repository'], report);
  if (!/^[A-Za-z0-9][\w.-]*$/.test(name))
    report(['spec', 'chart'], 'Invalid', invalid(name, 'must be the name of a chart in the repository, without its version'));
  checkVersion(spec.version, report);
  return { type: 'repository', repository, name, version: spec.version ?? '' };
}

function checkRepository(repository: string, path: Path, report: Report): void {
  if (/^[a-z]+:\/\/[^/]*@/.test(repository))
    report(path, 'Invalid', 'Invalid value: credentials do not belong into a URL that everybody can read');
  else if (!/^(?:https?|oci):\/\/[A-Za-z0-9.-]+(?::\d+)?(?:\/[\w.~%+/-]*)?$/.test(repository))
    report(path, 'Invalid', invalid(repository, 'must be the URL of a chart repository (https://, http:// or oci://)'));
}

/** Equal commits must mean the same. */
function checkVersion(version: string | undefined, report: Report): void {
  if (version === undefined || version === '')
    report(['spec', 'version'], 'Required', required('the exact version of the chart, such as 1.4.2'));
  else if (!/^v?\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/.test(version)) {
    const why = 'must be an exact version such as 1.4.2, so that one commit always means the same';
    report(['spec', 'version'], 'Invalid', invalid(version, why));
  }
}

/** A path that a field names, relative to the file that the field is written in; undefined when it leaves the repository. */
function pathAt(source: SourceObject, path: Path, written: string): string | undefined {
  if (posix.isAbsolute(written)) return undefined;
  const joined = posix.join(posix.dirname(source.locate(path).file), written).replace(/\/+$/, '');
  if (joined === '..' || joined.startsWith('../')) return undefined;
  return joined === '.' ? '' : joined;
}

const outside = (written: string): string =>
  invalid(written, 'must be a path of this repository, relative to the file that it is written in');

async function localChart(
  written: string,
  source: SourceObject,
  reads: ChartReads,
  report: Report,
): Promise<HelmRequest['chart'] | undefined> {
  const field: Path = ['spec', 'chart'];
  const fail = (message: string): undefined => {
    report(field, 'Invalid', message);
    return undefined;
  };
  const folder = pathAt(source, field, written);
  if (folder === undefined) return fail(outside(written));
  const { tree } = reads.context;
  const entry = await tree.entry(folder);
  if (entry === undefined || entry.type === 'file') {
    const message = `${notFound(folder)}: there is no such folder; for a chart of a repository give spec.repository and spec.version as well`;
    report(field, 'NotFound', message);
    return undefined;
  }
  if (entry.type === 'refused') return fail(`${folder}: ${entry.message}`);
  const below = folder === '' ? '' : `${folder}/`;
  const paths = await tree.filesBelow(folder);
  if (!paths.includes(`${below}Chart.yaml`)) return fail(`${folder} is no Helm chart: it has no Chart.yaml`);
  if (paths.length > MAX_CHART_FILES) return fail(`the chart has ${paths.length} files; at most ${MAX_CHART_FILES} are read`);
  const files: TreeFile[] = [];
  let sizeBytes = 0;
  for (const path of paths) {
    const found = await tree.entry(path);
    if (found?.type === 'refused') return fail(`${path}: ${found.message}`);
    if (found?.type !== 'file') continue;
    sizeBytes += found.file.sizeBytes ?? 0;
    reads.inputs.set(path, found.file.blobId);
    files.push({ ...found.file, path: path.slice(below.length), read: () => found.file.read() });
  }
  if (sizeBytes > MAX_CHART_BYTES) return fail(`the chart has ${sizeBytes} bytes; at most ${MAX_CHART_BYTES} are read`);
  reads.folders.add(folder);
  return { type: 'local', files };
}

async function valuesOf(
  { spec }: ChartFields,
  source: SourceObject,
  reads: ChartReads,
  report: Report,
): Promise<{ texts: readonly string[]; secrets: ReadonlySet<string> }> {
  const texts: string[] = [];
  const secrets = new Set<string>();
  for (const [index, written] of (spec.valuesFiles ?? []).entries()) {
    const field: Path = ['spec', 'valuesFiles', index];
    const path = pathAt(source, field, written);
    const entry = path === undefined ? undefined : await reads.context.tree.entry(path);
    if (path === undefined) report(field, 'Invalid', outside(written));
    else if (entry?.type === 'refused') report(field, 'Invalid', `${path}: ${entry.message}`);
    else if (entry?.type !== 'file') {
      reads.inputs.set(path, undefined);
      report(field, 'NotFound', `${notFound(path)}: there is no such file`);
    } else {
      reads.inputs.set(path, entry.file.blobId);
      const data = await reads.context.readData(entry.file);
      if ('problem' in data) {
        report(field, data.problem.reason, `${path} cannot be read: ${data.problem.message}`);
        continue;
      }
      const text = decode(data.bytes);
      if (text === undefined) report(field, 'Unreadable', `${path} is not valid UTF-8`);
      else {
        texts.push(text);
        // Decryption is what makes a difference between a file and its data.
        if (!Buffer.from(await entry.file.read()).equals(data.bytes)) for (const secret of scalarsOf(text)) secrets.add(secret);
      }
    }
  }
  return { texts, secrets };
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
