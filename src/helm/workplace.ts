// A private folder for one run of helm: the chart's files and the values, and homes of its own for all that helm would keep. Nobody else can
// read it, and it is gone afterwards whatever happened.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, normalize } from 'node:path';
import type { HelmRequest } from '../manifests/helm/renderer.ts';

/** The most bytes of a chart that are written. */
export const MAX_CHART_BYTES = 32 * 1024 * 1024;

/** The folder while it is there. */
export interface Workplace {
  readonly folder: string;
  /** The chart's folder; undefined when the chart is fetched. */
  readonly chartFolder: string | undefined;
  readonly valuesFiles: readonly string[];
}

/** A chart that cannot be written down: the user's to mend. */
export class ChartFault extends Error {
  override readonly name = 'ChartFault';
}

/**
 * Writes what a request needs, does the work, and removes everything. Rejects with ChartFault when the chart is too large or names a file
 * outside of itself, and with the source's error when a file cannot be read.
 */
export async function inWorkplace<T>(
  request: HelmRequest,
  env: Readonly<Record<string, string | undefined>>,
  work: (place: Workplace) => Promise<T>,
): Promise<T> {
  const parent = env['TMPDIR'] ?? '';
  // mkdtemp makes it for its owner alone.
  const folder = await mkdtemp(join(parent === '' ? tmpdir() : parent, 'holdfast-helm-'));
  try {
    const chartFolder = request.chart.type === 'local' ? join(folder, 'chart') : undefined;
    if (request.chart.type === 'local' && chartFolder !== undefined) await writeChart(request.chart.files, chartFolder);
    const valuesFiles: string[] = [];
    for (const [index, text] of request.values.entries()) {
      const file = join(folder, `values-${index}.yaml`);
      await writeFile(file, text, { mode: 0o600, flag: 'wx' });
      valuesFiles.push(file);
    }
    return await work({ folder, chartFolder, valuesFiles });
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

type LocalFiles = Extract<HelmRequest['chart'], { readonly type: 'local' }>['files'];

async function writeChart(files: LocalFiles, chartFolder: string): Promise<void> {
  await mkdir(chartFolder, { mode: 0o700 });
  let sizeBytes = 0;
  for (const file of files) {
    const path = normalize(file.path);
    if (path.startsWith('..') || path.startsWith('/') || path.includes('\0'))
      throw new ChartFault(`the chart names a file outside of itself: ${JSON.stringify(file.path)}`);
    const bytes = await file.read();
    sizeBytes += bytes.byteLength;
    if (sizeBytes > MAX_CHART_BYTES) throw new ChartFault(`the chart has more than ${MAX_CHART_BYTES} bytes`);
    const target = join(chartFolder, path);
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    await writeFile(target, bytes, { mode: 0o600, flag: 'wx' });
  }
}
