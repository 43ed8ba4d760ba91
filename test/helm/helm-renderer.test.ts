// The adapter against programs that stand in for helm: each test writes its own, which tells what it was given and then does what is asked.
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { helmRenderer } from '../../src/helm/helm-renderer.ts';
import type { TreeFile } from '../../src/manifests/file-tree.ts';
import type { HelmRequest, HelmResult } from '../../src/manifests/helm/renderer.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'helm-renderer-test-'));
  mkdirSync(join(folder, 'tmp'));
  mkdirSync(join(folder, 'bin'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** A program that answers `version` and otherwise runs `body`. */
function fakeHelm(body: string, version = "console.log('v3.16.2+g13654a5')"): void {
  const path = join(folder, 'bin', 'helm');
  writeFileSync(
    path,
    `#!${process.execPath}
const fs = require('node:fs');
const path = require('node:path');
const args = process.argv.slice(2);
if (args[0] === 'version') { ${version}; } else { ${body} }
`,
  );
  chmodSync(path, 0o755);
}

/** Prints as JSON what the program sees. */
const tell = `
const files = (at) => fs.readdirSync(at, { withFileTypes: true, recursive: true })
  .filter((entry) => entry.isFile())
  .map((entry) => path.relative(at, path.join(entry.parentPath, entry.name))).sort();
const chart = args.at(-1);
const values = args.flatMap((each, index) => (args[index - 1] === '--values' ? [fs.readFileSync(each, 'utf8')] : []));
const mode = (at) => (fs.statSync(at).mode & 0o777).toString(8);
console.log(JSON.stringify({
  args, env: process.env, cwd: process.cwd(), values, mode: mode(process.cwd()),
  modes: files(process.cwd()).map((file) => mode(path.join(process.cwd(), file))),
  files: fs.existsSync(chart) ? files(chart) : undefined,
  cache: fs.existsSync(process.env.HELM_CACHE_HOME),
}));`;

const file = (path: string, text: string): TreeFile => ({
  path,
  blobId: path,
  sizeBytes: text.length,
  read: () => Promise.resolve(new TextEncoder().encode(text)),
});

const request = (more: Partial<HelmRequest> = {}): HelmRequest => ({
  chart: { type: 'local', files: [file('Chart.yaml', 'name: web'), file('templates/a/b.yaml', 'a: 1')] },
  releaseName: 'shop',
  namespace: 'front',
  values: [],
  includeCrds: false,
  ...more,
});
const remote = (repository: string, name = 'postgresql'): HelmRequest =>
  request({ chart: { type: 'repository', repository, name, version: '1.4.2' } });

const render = async (
  asked: HelmRequest,
  env: Readonly<Record<string, string>> = {},
  deadlineMs?: number,
): Promise<HelmResult> => {
  const all = { PATH: join(folder, 'bin'), TMPDIR: join(folder, 'tmp'), ...env };
  const limits = deadlineMs === undefined ? {} : { deadlineMs };
  return await helmRenderer({ env: all, cacheDir: join(folder, 'cache'), ...limits })(asked);
};

interface Seen {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly values: readonly string[];
  readonly mode: string;
  readonly modes: readonly string[];
  readonly files?: readonly string[];
  readonly cache: boolean;
}

async function seen(asked: HelmRequest, env: Readonly<Record<string, string>> = {}): Promise<Seen> {
  const result = await render(asked, env);
  return JSON.parse('text' in result ? result.text : JSON.stringify(result)) as Seen;
}

const leftBehind = (): string[] => readdirSync(join(folder, 'tmp'));

describe('what helm is asked', () => {
  test('a chart that is committed: its files and values in a private folder', async () => {
    fakeHelm(tell);
    const result = await seen(request({ values: ['a: 1\n', '{"b":2}'] }));
    const { cwd } = result;
    const values = `--values ${cwd}/values-0.yaml --values ${cwd}/values-1.yaml`;
    expect(result.args.join(' ')).toBe(`template --namespace front ${values} -- shop ${cwd}/chart`);
    expect(result.files).toEqual(['Chart.yaml', 'templates/a/b.yaml']);
    expect(result.values).toEqual(['a: 1\n', '{"b":2}']);
    expect([result.mode, new Set(result.modes)]).toEqual(['700', new Set(['600'])]);
    expect(leftBehind()).toEqual([]);
  });

  test('every option', async () => {
    fakeHelm(tell);
    const { args } = await seen(
      request({ includeCrds: true, skipHooks: true, skipTests: true, kubeVersion: '1.32.0', apiVersions: ['a/v1', 'b/v1/C'] }),
    );
    expect(args.slice(3, -3).join(' ')).toBe(
      '--include-crds --no-hooks --skip-tests --kube-version 1.32.0 --api-versions a/v1 --api-versions b/v1/C',
    );
  });

  test.each([
    ['https://charts.example.org', ['--version', '1.4.2', '--repo', 'https://charts.example.org'], 'postgresql'],
    ['oci://registry.example.org/charts', ['--version', '1.4.2'], 'oci://registry.example.org/charts/postgresql'],
  ])('a chart of %s', async (repository, options, reference) => {
    fakeHelm(tell);
    const { args, cache } = await seen(remote(repository));
    expect(args).toEqual(['template', '--namespace', 'front', ...options, '--', 'shop', reference]);
    expect(cache).toBe(true);
    expect(leftBehind()).toEqual([]);
  });

  test('names are never options', async () => {
    fakeHelm(tell);
    const { args } = await seen({ ...remote('https://charts.example.org', '--post-renderer=/bin/sh'), releaseName: '--debug' });
    expect(args.slice(-3)).toEqual(['--', '--debug', '--post-renderer=/bin/sh']);
  });
});

describe('what helm sees of the machine', () => {
  const env = {
    HOME: '/home/somebody',
    KUBECONFIG: '/home/somebody/.kube/config',
    HELM_PLUGINS: '/home/somebody/plugins',
    HELM_KUBETOKEN: 'secret',
    HTTPS_PROXY: 'http://proxy:3128',
    SSL_CERT_FILE: '/etc/ca.pem',
    AWS_SECRET_ACCESS_KEY: 'secret',
  };

  test('for a chart that is committed: nothing but PATH', async () => {
    fakeHelm(tell);
    const { env: given, cwd } = await seen(request(), env);
    expect(given).toEqual({
      PATH: join(folder, 'bin'),
      HOME: cwd,
      TMPDIR: cwd,
      LC_ALL: 'C',
      HELM_CACHE_HOME: `${cwd}/cache`,
      HELM_CONFIG_HOME: `${cwd}/config`,
      HELM_DATA_HOME: `${cwd}/data`,
      HELM_PLUGINS: `${cwd}/plugins`,
      HELM_KUBECONTEXT: '',
      KUBECONFIG: `${cwd}/kubeconfig`,
    });
  });

  test('for one that is fetched: how to reach the network, and a cache of our own', async () => {
    fakeHelm(tell);
    const { env: given } = await seen(remote('https://charts.example.org'), env);
    expect(given).toMatchObject({
      HTTPS_PROXY: 'http://proxy:3128',
      SSL_CERT_FILE: '/etc/ca.pem',
      HELM_CACHE_HOME: join(folder, 'cache'),
    });
    expect(Object.keys(given)).not.toContain('HELM_KUBETOKEN');
    expect(Object.keys(given)).not.toContain('AWS_SECRET_ACCESS_KEY');
  });
});

describe('the program', () => {
  test('missing', async () => {
    expect(await render(request())).toEqual({
      fault:
        'this chart needs the program "helm", version 3 or later, and there is none in PATH; install it (https://helm.sh/docs/intro/install), name it in HOLDFAST_HELM, or commit the output of "helm template"',
      isMissing: true,
    });
  });

  test('a file that cannot be run is none', async () => {
    writeFileSync(join(folder, 'bin', 'helm'), 'text', { mode: 0o644 });
    expect(await render(request())).toMatchObject({ isMissing: true });
  });

  test('named, and missing', async () => {
    fakeHelm(tell);
    expect(await render(request(), { HOLDFAST_HELM: '/nowhere/helm' })).toEqual({
      fault: 'HOLDFAST_HELM names "/nowhere/helm", which is no program that can be run',
      isMissing: true,
    });
  });

  test('named, and found', async () => {
    fakeHelm("console.log('one: 1')");
    const env = { PATH: '', HOLDFAST_HELM: join(folder, 'bin', 'helm') };
    expect(await render(request(), env)).toEqual({ text: 'one: 1\n' });
  });

  test.each([
    ["console.log('v4.0.1')", { text: 'ok\n' }],
    ["console.log('Client: v2.17.0+ga690bad')", { fault: 'helm 3 or later is needed; "BIN" is v2.17.0+ga690bad' }],
    ["console.log('KDE')", { fault: '"BIN version" does not tell a version; is it helm?' }],
    ['process.exitCode = 1', { fault: '"BIN version" does not tell a version; is it helm?' }],
  ])('version: %s', async (version, expected) => {
    fakeHelm("console.log('ok')", version);
    const result = JSON.parse(JSON.stringify(await render(request())).replaceAll(join(folder, 'bin', 'helm'), 'BIN')) as unknown;
    expect(result).toEqual(expected);
  });

  test('what has no interpreter', async () => {
    const path = join(folder, 'bin', 'helm');
    writeFileSync(path, '#!/nowhere/sh\n', { mode: 0o755 });
    expect(await render(request())).toEqual({ fault: `"${path}" could not be started (ENOENT)` });
    expect(leftBehind()).toEqual([]);
  });

  test('its version is asked once', async () => {
    const log = join(folder, 'log');
    fakeHelm("console.log('ok')", `fs.appendFileSync(${JSON.stringify(log)}, 'asked '); console.log('v3.1.0')`);
    const renderer = helmRenderer({ env: { PATH: join(folder, 'bin'), TMPDIR: join(folder, 'tmp') }, cacheDir: folder });
    await renderer(request());
    await renderer(request());
    expect(readFileSync(log, 'utf8')).toBe('asked ');
  });
});

describe('failures', () => {
  const fails = (stderr: string, code = 1): string =>
    `process.stderr.write(${JSON.stringify(stderr)}.replaceAll('CWD', process.cwd())); process.exitCode = ${code}`;

  test.each([
    [
      'Error: execution error at (web/templates/a.yaml:3:4): image.tag is required\n\nUse --debug flag to render out invalid YAML\n',
      'helm: execution error at (web/templates/a.yaml:3:4): image.tag is required',
    ],
    ['WARNING: something old\nError: no\n  such\tthing\n', 'helm: no such thing'],
    ['Error: open CWD/chart/values.yaml: is a folder of CWD', 'helm: open values.yaml: is a folder of'],
    [
      'Error: An error occurred while checking for chart dependencies: found in Chart.yaml, but missing in charts/ directory: redis',
      'helm: An error occurred while checking for chart dependencies: found in Chart.yaml, but missing in charts/ directory: redis; run "helm dependency build" and commit the folder charts/',
    ],
    [
      'Error: looks like "https://me:pass@charts.example.org" is not valid',
      'helm: looks like "https://charts.example.org" is not valid',
    ],
    ['panic', 'helm: panic'],
    ['', 'helm ended with code 1 and said nothing'],
    [`Error: ${'x'.repeat(5000)}`, `helm: ${'x'.repeat(600)}…`],
  ])('%s', async (stderr, fault) => {
    fakeHelm(fails(stderr));
    expect(await render(request())).toEqual({ fault });
    expect(leftBehind()).toEqual([]);
  });

  test('killed by somebody else', async () => {
    fakeHelm("process.kill(process.pid, 'SIGKILL'); setInterval(() => {}, 1000)");
    expect(await render(request())).toEqual({ fault: 'helm was stopped from outside and said nothing' });
  });

  test('it hangs, deaf to signals, with a child that holds its output', async () => {
    const pidFile = join(folder, 'pid');
    fakeHelm(`
      process.on('SIGTERM', () => {});
      const child = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' });
      fs.writeFileSync(${JSON.stringify(pidFile)}, String(child.pid));
      setInterval(() => {}, 1000);`);
    expect(await render(request(), {}, 2500)).toEqual({ fault: 'helm did not end within 2.5 s and was stopped' });
    expect(existsSync(`/proc/${readFileSync(pidFile, 'utf8')}/exe`)).toBe(false);
    expect(leftBehind()).toEqual([]);
  });

  test('its version hangs', async () => {
    fakeHelm("console.log('ok')", 'setInterval(() => {}, 1000)');
    const fault = `"${join(folder, 'bin', 'helm')} version" did not end within 0.3 s`;
    expect(await render(request(), {}, 300)).toEqual({ fault });
  });

  test('it prints without end', async () => {
    fakeHelm("const block = 'x'.repeat(1 << 20); const go = () => process.stdout.write(block, go); go();");
    expect(await render(request())).toEqual({ fault: 'helm printed more than 33554432 bytes and was stopped' });
    expect(leftBehind()).toEqual([]);
  });

  test.each(['../outside.yaml', '/etc/passwd', 'a/../../b'])('a chart with the file %s', async (path) => {
    fakeHelm(tell);
    const files = [file(path, 'x')];
    expect(await render(request({ chart: { type: 'local', files } }))).toEqual({
      fault: `the chart names a file outside of itself: "${path}"`,
    });
    expect(leftBehind()).toEqual([]);
  });

  test('a file that cannot be read is the fault of the source', async () => {
    fakeHelm(tell);
    const files = [{ ...file('Chart.yaml', ''), read: () => Promise.reject(new Error('the source is gone')) }];
    await expect(render(request({ chart: { type: 'local', files } }))).rejects.toThrow('the source is gone');
    expect(leftBehind()).toEqual([]);
  });
});
