// The step that renders Helm charts: `helmCharts`, with the chart in the repository or fetched at a pinned version, by the user's own helm.
import { posix } from 'node:path';
import type { TreeFile } from '../../file-tree.ts';
import type { HelmRequest } from '../../helm/renderer.ts';
import { joinInside } from '../../snapshot-tree.ts';
import type { Build, BuildResource, BuildStep, KustomizationFile, PlainMap } from '../resource.ts';
import { absorb } from './absorb.ts';
import { chartValues } from './chart-values.ts';
import { fromRenderedText } from './rendered-text.ts';
import {
  entriesAt,
  refuseUnknown,
  reportInvalid,
  requiredTextOf,
  type Settings,
  settingsAt,
  switchOf,
  textOf,
  textsOf,
} from './settings.ts';

/** The fields of a chart. */
export const chartFields = [
  'name',
  'version',
  'repo',
  'releaseName',
  'namespace',
  'nameTemplate',
  'valuesFile',
  'additionalValuesFiles',
  'valuesInline',
  'valuesMerge',
  'includeCRDs',
  'skipHooks',
  'skipTests',
  'apiVersions',
  'kubeVersion',
  'debug',
  'devel',
];

/** What is the same for all charts of a layer. */
export interface ChartGlobals {
  /** The folder with committed charts, relative to the kustomization. */
  readonly chartHome: string;
  /** For charts that name no namespace. */
  readonly namespace: string;
}

/** How many files a committed chart may have. */
export const MAX_CHART_FILES = 5000;

/** Renders the charts of a layer, and those of the older `helmChartInflationGenerator`, and adds what comes out. */
export const inflateCharts: BuildStep = async (resources, layer, build) => {
  const globals = readGlobals(layer, build);
  for (const settings of entriesAt(layer, 'helmCharts', build)) {
    refuseUnknown(settings, chartFields);
    await inflateChart(settings, globals, resources, build);
  }
  for (const settings of entriesAt(layer, 'helmChartInflationGenerator', build)) {
    const chart = fromLegacy(settings);
    const chartHome = textOf(settings, 'chartHome');
    await inflateChart(chart, chartHome === '' ? globals : { ...globals, chartHome }, resources, build);
  }
};

function readGlobals(layer: KustomizationFile, build: Build): ChartGlobals {
  const settings = layer.value['helmGlobals'] === undefined ? undefined : settingsAt(layer, ['helmGlobals'], build);
  const namespace = typeof layer.value['namespace'] === 'string' ? layer.value['namespace'] : '';
  if (settings === undefined) return { chartHome: 'charts', namespace };
  refuseUnknown(settings, ['chartHome', 'configHome']);
  const chartHome = textOf(settings, 'chartHome');
  return { chartHome: chartHome === '' ? 'charts' : chartHome, namespace };
}

const legacyNames: Readonly<Record<string, string>> = {
  chartName: 'name',
  chartVersion: 'version',
  chartRepoUrl: 'repo',
  values: 'valuesFile',
  valuesLocal: 'valuesInline',
  valuesMerge: 'valuesMerge',
  releaseName: 'releaseName',
};

/** The fields of the older form by their present names. */
function fromLegacy(settings: Settings): Settings {
  refuseUnknown(settings, [
    ...Object.keys(legacyNames),
    'chartHome',
    'chartRepoName',
    'helmBin',
    'helmHome',
    'releaseNamespace',
    'extraArgs',
  ]);
  for (const key of ['chartRepoName', 'helmBin', 'helmHome', 'releaseNamespace', 'extraArgs'])
    if ((settings.value[key] ?? undefined) !== undefined)
      settings.report(
        [key],
        'NoEffect',
        'accepted without effect: kustomize reads it and does nothing with it; write helmCharts',
        'note',
      );
  const oldName = (key: unknown): string | number =>
    Object.entries(legacyNames).find(([, present]) => present === key)?.[0] ?? String(key);
  const value: PlainMap = {};
  for (const [old, present] of Object.entries(legacyNames))
    if (settings.value[old] !== undefined) value[present] = settings.value[old];
  return {
    ...settings,
    value,
    locate: ([first, ...rest]) => settings.locate(first === undefined ? [] : [oldName(first), ...rest]),
    report: ([first, ...rest], ...told) => settings.report(first === undefined ? [] : [oldName(first), ...rest], ...told),
  };
}

/** Renders one chart. A missing helm, and what helm says of a chart, are problems at the chart's entry. */
export async function inflateChart(
  settings: Settings,
  globals: ChartGlobals,
  resources: BuildResource[],
  build: Build,
): Promise<void> {
  const faultsBefore = countFaults(build);
  const name = requiredTextOf(settings, 'name', 'chart name cannot be empty');
  if (switchOf(settings, 'devel'))
    settings.report(
      ['devel'],
      'UnsupportedField',
      'devel is not supported yet: what a commit means must not change; pin the version',
    );
  const releaseName = readReleaseName(settings);
  if (name === undefined) return;
  const chart = await findChart(name, globals, settings, build);
  if (chart === undefined) return;
  const values = await chartValues(settings, chart.type === 'local' ? chart.files : undefined, build);
  if (values === undefined || countFaults(build) > faultsBefore) return;
  const own = textOf(settings, 'namespace');
  const namespace = own === '' ? globals.namespace : own;
  const kubeVersion = textOf(settings, 'kubeVersion');
  const apiVersions = textsOf(settings, 'apiVersions').map(({ text }) => text);
  const result = await build.context.helm({
    chart,
    releaseName,
    namespace: namespace === '' ? 'default' : namespace,
    values,
    includeCrds: switchOf(settings, 'includeCRDs'),
    skipHooks: switchOf(settings, 'skipHooks'),
    skipTests: switchOf(settings, 'skipTests'),
    ...(kubeVersion === '' ? {} : { kubeVersion }),
    ...(apiVersions.length === 0 ? {} : { apiVersions }),
  });
  if ('fault' in result) {
    const cure = result.isMissing === true ? '; install helm, or commit the output of "helm template"' : '';
    settings.report([], 'RenderFailed', `the chart ${name} cannot be rendered: ${result.fault}${cure}`);
    return;
  }
  const objects = fromRenderedText(result.text, settings, (message) =>
    settings.report([], 'RenderFailed', `the output of the chart ${name} ${message}`),
  );
  for (const source of objects) {
    const value = build.origins.copyOf(source) as PlainMap;
    absorb({ value, behavior: 'unspecified', needsHash: false, isFromChart: namespace !== '' }, resources, settings, build);
  }
}

const countFaults = ({ problems }: Build): number => problems.filter(({ severity }) => severity === 'error').length;

/** Without a name, helm calls a release that it only renders so. */
function readReleaseName(settings: Settings): string {
  const template = textOf(settings, 'nameTemplate');
  const name = textOf(settings, 'releaseName');
  if (template === '') return name === '' ? 'release-name' : name;
  if (name !== '') reportInvalid(settings, ['nameTemplate'], template, 'write releaseName or nameTemplate, not both');
  else if (template.includes('{{'))
    settings.report(
      ['nameTemplate'],
      'UnsupportedField',
      'nameTemplate with {{ }} is not supported yet: write the name itself as releaseName',
    );
  return template;
}

async function findChart(
  name: string,
  { chartHome }: ChartGlobals,
  settings: Settings,
  build: Build,
): Promise<HelmRequest['chart'] | undefined> {
  const repository = textOf(settings, 'repo');
  const version = textOf(settings, 'version');
  const home = version !== '' && repository !== '' ? posix.join(chartHome, `${name}-${version}`) : chartHome;
  const folder = posix.isAbsolute(chartHome) ? undefined : joinInside(settings.file.folder, posix.join(home, name));
  if (folder === undefined || /[\0]|^\.*$/.test(name)) {
    reportInvalid(settings, ['name'], name, `the chart must be inside the repository, below ${chartHome}`);
    return undefined;
  }
  const files = await chartFiles(folder, settings, build);
  if (files === undefined) return undefined;
  if (files.length > 0) return { type: 'local', files };
  if (repository === '') settings.report(['name'], 'NotFound', `no repo specified for pull, no chart found at '${folder}'`);
  else if (version === '')
    settings.report(
      ['version'],
      'Required',
      'Required value: a chart that is fetched must be pinned, or the same commit could mean something else tomorrow',
    );
  else return { type: 'repository', repository, name, version };
  return undefined;
}

/** The files of a committed chart, by paths relative to it; none when it is not there. */
async function chartFiles(folder: string, settings: Settings, build: Build): Promise<TreeFile[] | undefined> {
  const { tree } = build.context;
  if ((await tree.entry(folder))?.type !== 'folder') {
    build.inputs.set(folder, undefined);
    return [];
  }
  build.folders.add(folder);
  const paths = await tree.filesBelow(folder);
  if (paths.length > MAX_CHART_FILES) {
    settings.report(['name'], 'TooLarge', `the chart has ${paths.length} files; at most ${MAX_CHART_FILES} are read`);
    return undefined;
  }
  const files: TreeFile[] = [];
  for (const path of paths) {
    const entry = await tree.entry(path);
    if (entry?.type !== 'file') continue;
    build.inputs.set(path, entry.file.blobId);
    files.push({ ...entry.file, path: path.slice(folder.length + 1), read: () => entry.file.read() });
  }
  return files;
}
