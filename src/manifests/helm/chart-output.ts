// What helm printed → objects. Their places are that of the HelmChart which asked for them; the template that made each is remembered beside it.
import { formatPath, type Path } from '../place.ts';
import type { Problem, ProblemReason } from '../problem.ts';
import { parseYaml } from '../reading/yaml.ts';
import { isPlainObject } from '../schema/admit.ts';
import { schemas } from '../schema/schemas.generated.ts';
import type { SourceObject } from '../source.ts';

type PlainObject = Readonly<Record<string, unknown>>;

/** The longest output that is read. */
export const MAX_OUTPUT_LENGTH = 32 * 1024 * 1024;

/** How the objects of an output are to be taken. */
export interface OutputOptions {
  readonly namespace: string;
  readonly skipHooks: boolean;
}

/** What was made of an output. */
export interface ChartObjects {
  readonly objects: readonly SourceObject[];
  readonly problems: readonly Problem[];
}

/** Reads the output of `helm template` for a HelmChart. Never throws. */
export function readOutput(text: string, chart: SourceObject, options: OutputOptions): ChartObjects {
  const field: Path = ['spec', 'chart'];
  const problems: Problem[] = [];
  const tell = (reason: ProblemReason, message: string, severity: Problem['severity'] = 'error'): void => {
    problems.push({ severity, reason, ...chart.locate(field), field: formatPath(field), message });
  };
  if (text.length > MAX_OUTPUT_LENGTH) {
    tell('TooLarge', `the chart gives more than ${MAX_OUTPUT_LENGTH} characters of manifests`);
    return { objects: [], problems };
  }
  const templateAt = templateFinder(text);
  const kept: string[] = [];
  const objects: SourceObject[] = [];
  for (const document of parseYaml(text)) {
    const [fault] = document.faults;
    const template = templateAt(fault?.place.line ?? document.locate([]).line);
    if (fault !== undefined) {
      tell('InvalidYaml', `what ${template ?? 'the chart'} gives cannot be read: ${fault.message}`);
      continue;
    }
    for (const value of itemsOf(document.value)) {
      const hook = hookOf(value);
      // Neither are tests a part of an installation; `helm test` runs them on demand.
      if (hook === 'test' || (hook !== undefined && options.skipHooks)) continue;
      if (hook !== undefined) tell('UnsupportedField', refuseHook(value, hook, template));
      else objects.push(placed(withNamespace(value, options.namespace), chart, template));
      if (isKept(value)) kept.push(nameOf(value));
    }
  }
  if (kept.length > 0) tell('NoEffect', noteKept(kept), 'note');
  return { objects, problems };
}

/** Every document begins with a comment that names its template. */
function templateFinder(text: string): (line: number) => string | undefined {
  const sources: { line: number; template: string }[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const template = /^# Source: (\S+)\s*$/.exec(line)?.[1];
    if (template !== undefined) sources.push({ line: index + 1, template });
  }
  return (line) => {
    let low = 0;
    let high = sources.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sources[middle]?.line ?? 0) <= line) low = middle + 1;
      else high = middle;
    }
    return sources[low - 1]?.template;
  };
}

function itemsOf(value: unknown): readonly unknown[] {
  if (value === null) return [];
  const isList = isPlainObject(value) && value['kind'] === 'List' && Array.isArray(value['items']);
  return isList ? (value['items'] as readonly unknown[]) : [value];
}

function annotationsOf(value: unknown): PlainObject {
  const metadata = isPlainObject(value) && isPlainObject(value['metadata']) ? value['metadata'] : {};
  return isPlainObject(metadata['annotations']) ? metadata['annotations'] : {};
}

/** `test` when it is nothing but a test; else the events that it waits for. */
function hookOf(value: unknown): string | undefined {
  const hook = annotationsOf(value)['helm.sh/hook'];
  if (typeof hook !== 'string' || hook.trim() === '') return undefined;
  const events = hook.split(',').map((event) => event.trim());
  return events.every((event) => /^test(?:-success|-failure)?$/.test(event)) ? 'test' : events.join(', ');
}

function refuseHook(value: unknown, hook: string, template: string | undefined): string {
  const where = template === undefined ? '' : ` of ${template}`;
  return (
    `the ${nameOf(value)}${where} is a Helm hook (${hook}), and Helm's hooks are not run. ` +
    'Commit it as a Job of its own with the annotation holdfast.dev/hook, or set spec.skipHooks to leave all hooks out'
  );
}

const isKept = (value: unknown): boolean => annotationsOf(value)['helm.sh/resource-policy'] === 'keep';

function noteKept(names: readonly string[]): string {
  const shown = names.slice(0, 3).join(', ') + (names.length > 3 ? ` and ${names.length - 3} more` : '');
  return `accepted without effect: helm.sh/resource-policy of ${shown}: an object that a commit no longer declares is deleted; the data of volumes is kept in any case`;
}

function nameOf(value: unknown): string {
  const { kind, metadata } = isPlainObject(value) ? value : {};
  const name = isPlainObject(metadata) ? metadata['name'] : undefined;
  return `${typeof kind === 'string' ? kind : 'object'} ${JSON.stringify(typeof name === 'string' ? name : '')}`;
}

/** helm installs what names no namespace into that of the release. */
function withNamespace(value: unknown, namespace: string): unknown {
  if (!isPlainObject(value) || !isPlainObject(value['metadata']) || typeof value['kind'] !== 'string') return value;
  const { namespace: own } = value['metadata'];
  const isNamespaced = Object.hasOwn(schemas, value['kind']) && schemas[value['kind']]?.['x-scope'] === 'Namespaced';
  if (!isNamespaced || (own !== undefined && own !== null && own !== '')) return value;
  return { ...value, metadata: { ...value['metadata'], namespace } };
}

function placed(value: unknown, chart: SourceObject, template: string | undefined): SourceObject {
  const { kustomization } = chart;
  return {
    value,
    ...(kustomization === undefined ? {} : { kustomization }),
    ...(template === undefined ? {} : { template }),
    locate: () => chart.locate(['spec', 'chart']),
    sourceAt: () => undefined,
  };
}
