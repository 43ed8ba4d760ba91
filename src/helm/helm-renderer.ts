// Adapter: renders Helm charts with the `helm` program that is on the machine. Helm's templates are a Go program's; no other gives the same
// text. What comes out depends on the request alone: no configuration, repository list, plugin or cluster of the user takes part.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { HelmRenderer, HelmRequest, HelmResult } from '../manifests/helm/renderer.ts';
import { type Environment, findHelm, type HelmRun, MAX_OUTPUT_BYTES, runHelm } from './helm-program.ts';
import { ChartFault, inWorkplace, type Workplace } from './workplace.ts';

/** What the renderer needs of its surroundings. */
export interface HelmRendererOptions {
  readonly env: Environment;
  /** Where charts that were fetched are kept; removed at will. */
  readonly cacheDir: string;
  /** How long helm may take; for tests. */
  readonly deadlineMs?: number;
}

const VERSION_DEADLINE_MS = 20_000;
const LOCAL_DEADLINE_MS = 60_000;
/** A chart that is fetched may be large, and its repository slow. */
const REMOTE_DEADLINE_MS = 180_000;
const OLDEST_MAJOR = 3;
const MAX_FAULT_LENGTH = 600;

/** What helm may know of the machine when it fetches a chart; all of it is read only. */
const networkVariables = [
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'HELM_REGISTRY_CONFIG',
];

/**
 * A renderer on the program that HOLDFAST_HELM names, else on the `helm` of PATH; it must be version 3 or later. Every run has a deadline,
 * a private folder that is removed, and an environment of its own. Rejects only when a file of the chart cannot be read.
 */
export function helmRenderer(options: HelmRendererOptions): HelmRenderer {
  const usable = new Set<string>();
  return async (request) => {
    const path = await findHelm(options.env);
    if (path === undefined) return { fault: missing(options.env), isMissing: true };
    try {
      return await inWorkplace(request, options.env, async (place) => {
        const env = environment(request, place, options);
        const fault = usable.has(path) ? undefined : await versionFault(path, place, env, options);
        if (fault !== undefined) return { fault };
        usable.add(path);
        if (request.chart.type === 'repository')
          await mkdir(env['HELM_CACHE_HOME'] ?? place.folder, { recursive: true, mode: 0o700 });
        const deadlineMs = options.deadlineMs ?? (request.chart.type === 'local' ? LOCAL_DEADLINE_MS : REMOTE_DEADLINE_MS);
        const run = await runHelm(path, argumentsOf(request, place), { cwd: place.folder, env, deadlineMs });
        return resultOf(run, place, deadlineMs);
      });
    } catch (error) {
      if (error instanceof ChartFault) return { fault: error.message };
      throw error;
    }
  };
}

function missing(env: Environment): string {
  const named = env['HOLDFAST_HELM'] ?? '';
  if (named !== '') return `HOLDFAST_HELM names "${named}", which is no program that can be run`;
  return 'this chart needs the program "helm", version 3 or later, and there is none in PATH; install it (https://helm.sh/docs/intro/install), name it in HOLDFAST_HELM, or commit the output of "helm template"';
}

/** Why a program cannot be used; undefined when it can. */
async function versionFault(
  path: string,
  place: Workplace,
  env: Readonly<Record<string, string>>,
  options: HelmRendererOptions,
): Promise<string | undefined> {
  const deadlineMs = options.deadlineMs ?? VERSION_DEADLINE_MS;
  const run = await runHelm(path, ['version', '--short'], { cwd: place.folder, env, deadlineMs });
  if (run.isTimedOut) return `"${path} version" did not end within ${deadlineMs / 1000} s`;
  if (run.startFault !== undefined) return `"${path}" could not be started (${run.startFault})`;
  const [, version, major] = /\b(v(\d+)\.\d+\.\d+\S*)/.exec(run.stdout) ?? [];
  if (version === undefined) return `"${path} version" does not tell a version; is it helm?`;
  return Number(major) >= OLDEST_MAJOR ? undefined : `helm ${OLDEST_MAJOR} or later is needed; "${path}" is ${version}`;
}

function environment(
  request: HelmRequest,
  { folder }: Workplace,
  { env, cacheDir }: HelmRendererOptions,
): Record<string, string> {
  const own: Record<string, string> = {
    PATH: env['PATH'] ?? '',
    HOME: folder,
    TMPDIR: folder,
    LC_ALL: 'C',
    HELM_CACHE_HOME: request.chart.type === 'local' ? join(folder, 'cache') : cacheDir,
    HELM_CONFIG_HOME: join(folder, 'config'),
    HELM_DATA_HOME: join(folder, 'data'),
    HELM_PLUGINS: join(folder, 'plugins'),
    // No cluster takes part, not even by accident.
    KUBECONFIG: join(folder, 'kubeconfig'),
    HELM_KUBECONTEXT: '',
  };
  if (request.chart.type === 'local') return own;
  for (const name of networkVariables) {
    const value = env[name];
    if (value !== undefined) own[name] = value;
  }
  return own;
}

function argumentsOf(request: HelmRequest, { chartFolder, valuesFiles }: Workplace): readonly string[] {
  const { chart, releaseName, namespace, includeCrds, skipHooks, skipTests, kubeVersion, apiVersions = [] } = request;
  const isOci = chart.type === 'repository' && chart.repository.startsWith('oci://');
  const args = ['template', '--namespace', namespace];
  if (chart.type === 'repository') args.push('--version', chart.version);
  if (chart.type === 'repository' && !isOci) args.push('--repo', chart.repository);
  for (const file of valuesFiles) args.push('--values', file);
  if (includeCrds) args.push('--include-crds');
  if (skipHooks === true) args.push('--no-hooks');
  if (skipTests === true) args.push('--skip-tests');
  if (kubeVersion !== undefined) args.push('--kube-version', kubeVersion);
  for (const version of apiVersions) args.push('--api-versions', version);
  const reference = chart.type === 'local' ? (chartFolder ?? '') : isOci ? `${chart.repository}/${chart.name}` : chart.name;
  // What follows is never taken for an option.
  return [...args, '--', releaseName, reference];
}

function resultOf(run: HelmRun, place: Workplace, deadlineMs: number): HelmResult {
  if (run.isTimedOut) return { fault: `helm did not end within ${deadlineMs / 1000} s and was stopped` };
  if (run.isTooMuch) return { fault: `helm printed more than ${MAX_OUTPUT_BYTES} bytes and was stopped` };
  if (run.startFault !== undefined) return { fault: `helm could not be started (${run.startFault})` };
  if (run.exitCode === 0) return { text: run.stdout };
  const how = run.exitCode === undefined ? 'was stopped from outside' : `ended with code ${run.exitCode}`;
  const said = oneLine(run.stderr, place);
  return { fault: said === '' ? `helm ${how} and said nothing` : `helm: ${said}` };
}

/** The error of helm on one line: its last words, without warnings, private folders and credentials of URLs. */
function oneLine(stderr: string, { folder }: Workplace): string {
  const start = stderr.search(/^Error: /m);
  const told = (start === -1 ? stderr : stderr.slice(start + 'Error: '.length))
    .replace(/\n+Use --debug flag to render out invalid YAML\s*$/, '')
    .replaceAll(`${folder}/chart/`, '')
    .replaceAll(`${folder}/`, '')
    .replaceAll(folder, '')
    .replaceAll(/([a-z]+:\/\/)[^/\s@]*@/g, '$1')
    .replaceAll(/\s+/g, ' ')
    .trim();
  const hint = /missing in charts\/ directory/.test(told) ? '; run "helm dependency build" and commit the folder charts/' : '';
  return (told.length > MAX_FAULT_LENGTH ? `${told.slice(0, MAX_FAULT_LENGTH)}…` : told) + hint;
}
