// Charts as other tools declare them: not rendered, for their fields mean other things, but known well enough to say what to write instead.

const foreign: readonly (readonly [group: string, kind: string, instead: string])[] = [
  [
    'helm.cattle.io',
    'HelmChart',
    'write a HelmChart of holdfast.dev/v1: chart, version and targetNamespace stay, repo becomes repository, valuesContent becomes values',
  ],
  ['helm.cattle.io', 'HelmChartConfig', "put its values into the chart's own HelmChart of holdfast.dev/v1"],
  [
    'helm.toolkit.fluxcd.io',
    'HelmRelease',
    'write a HelmChart of holdfast.dev/v1: chart.spec.chart becomes chart, chart.spec.version becomes version, the URL of its source becomes repository, values stay',
  ],
  ['source.toolkit.fluxcd.io', 'HelmRepository', 'write its URL as spec.repository of a HelmChart of holdfast.dev/v1'],
  ['source.toolkit.fluxcd.io', 'HelmChart', 'write a HelmChart of holdfast.dev/v1'],
];

/** What to write instead of another tool's chart; undefined for everything else. */
export function explainForeignChart(apiVersion: string, kind: string): string | undefined {
  const [group] = apiVersion.split('/');
  const found = foreign.find((entry) => entry[0] === group && entry[1] === kind);
  return found === undefined ? undefined : `${kind} (${apiVersion}) is not rendered here; ${found[2]}`;
}
