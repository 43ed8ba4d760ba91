// Replaces every HelmChart (holdfast.dev/v1) of a set by the objects that helm renders it to. Decides what helm is asked and what its answer
// means; who runs helm, and how, is behind the port in renderer.ts.
import { formatPath } from '../place.ts';
import type { RenderContext, Rendered } from '../rendering.ts';
import { isPlainObject } from '../schema/admit.ts';
import { partOf, type SourceObject } from '../source.ts';
import { readOutput } from './chart-output.ts';
import { type ChartReads, readChart } from './chart-spec.ts';
import { conceal } from './secret-values.ts';

/**
 * Renders the charts of a set, one after the other; all other objects stay as they are, in order. `folders` are those of charts that are
 * committed: what is in them is not for anybody else. Objects of a chart name its template and stand where the chart is asked for. Faults of
 * helm are problems; rejects when the source fails.
 */
export async function renderCharts(sources: readonly SourceObject[], context: RenderContext): Promise<Rendered> {
  const reads: ChartReads = { context, inputs: new Map(), folders: new Set(), problems: [] };
  const objects: SourceObject[] = [];
  for (const source of sources.flatMap(itemsIfAnyIsChart)) {
    if (!isChart(source.value)) objects.push(source);
    else for (const object of await renderChart(source, reads)) objects.push(object);
  }
  return { objects, problems: reads.problems, folders: [...reads.folders], inputs: reads.inputs };
}

/** Whether an object is a chart to be rendered. */
export function isChart(value: unknown): boolean {
  return isPlainObject(value) && value['kind'] === 'HelmChart' && value['apiVersion'] === 'holdfast.dev/v1';
}

function itemsIfAnyIsChart(source: SourceObject): readonly SourceObject[] {
  const { value } = source;
  if (!isPlainObject(value) || value['kind'] !== 'List' || !Array.isArray(value['items'])) return [source];
  const items = value['items'] as readonly unknown[];
  return items.some(isChart) ? items.map((item, index) => partOf(source, ['items', index], item)) : [source];
}

async function renderChart(source: SourceObject, reads: ChartReads): Promise<readonly SourceObject[]> {
  const chart = await readChart(source, reads);
  if (chart === undefined) return [];
  const { request, secrets } = chart;
  const result = await reads.context.helm(request);
  if ('fault' in result) {
    const path = ['spec', 'chart'];
    const message = conceal(result.fault, secrets);
    reads.problems.push({ severity: 'error', reason: 'RenderFailed', ...source.locate(path), field: formatPath(path), message });
    return [];
  }
  const { objects, problems } = readOutput(result.text, source, {
    namespace: request.namespace,
    skipHooks: request.skipHooks ?? false,
  });
  for (const problem of problems) reads.problems.push({ ...problem, message: conceal(problem.message, secrets) });
  return objects;
}
