// Equal requests have equal answers: a renderer that asks only once.
import { createHash } from 'node:crypto';
import type { HelmRenderer, HelmRequest } from './renderer.ts';

/** How many answers are remembered; the oldest goes first. */
const MAX_REMEMBERED = 64;

/** A text that is equal for equal requests. It is a hash, so that it tells nothing of the values. */
export function requestKey({ chart, ...rest }: HelmRequest): string {
  const what = chart.type === 'local' ? chart.files.map(({ path, blobId }) => [path, blobId]) : chart;
  const { releaseName, namespace, values, includeCrds, kubeVersion, apiVersions, skipHooks, skipTests } = rest;
  const all = [
    what,
    releaseName,
    namespace,
    values,
    includeCrds,
    kubeVersion,
    apiVersions,
    skipHooks ?? false,
    skipTests ?? false,
  ];
  return createHash('sha256').update(JSON.stringify(all)).digest('hex');
}

/** The renderer, with a memory for what it rendered. Faults are not remembered: the next time there may be a helm, or a network. */
export function rememberRenders(helm: HelmRenderer): HelmRenderer {
  const texts = new Map<string, string>();
  return async (request) => {
    const key = requestKey(request);
    const known = texts.get(key);
    if (known !== undefined) {
      texts.delete(key);
      texts.set(key, known);
      return { text: known };
    }
    const result = await helm(request);
    if ('fault' in result) return result;
    texts.set(key, result.text);
    const [oldest] = texts.keys();
    if (texts.size > MAX_REMEMBERED && oldest !== undefined) texts.delete(oldest);
    return result;
  };
}
