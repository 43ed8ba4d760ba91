// Keeps what V8 makes of the bundle, so that commands need not compile it. Run with the arguments of a command, it runs that command and keeps the
// code of what it needed.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pretendEngine } from './pretended-engine.mjs';
import { root } from './setup.mjs';

const dist = join(root, 'dist');
const TIMEOUT_MS = 60_000;
const MANIFEST = `apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: main, image: 'web:1', envFrom: [{ configMapRef: { name: words } }] }] }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: words }
data: { WORD: one }
`;

/** Runs a few commands for what they load and call. How they end does not matter: what has no code kept is compiled when it is needed. */
export async function keepCode() {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-build-'));
  const socket = join(folder, 'docker.sock');
  const repo = join(folder, 'repo');
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    HOLDFAST_DATA_DIR: join(folder, 'data'),
    HOLDFAST_CLUSTER: `build-${process.pid}`,
    HOLDFAST_NETWORK: 'none',
    DOCKER_HOST: `unix://${socket}`,
  };
  const engine = await pretendEngine(socket);
  try {
    mkdirSync(repo);
    writeFileSync(join(repo, 'web.yaml'), MANIFEST);
    await run('git', ['init', '--quiet', repo], env);
    await run('git', ['-C', repo, 'add', '.'], env);
    const author = ['-c', 'user.name=Build', '-c', 'user.email=build@localhost'];
    await run('git', ['-C', repo, ...author, 'commit', '--quiet', '--message', 'Web'], env);
    const reconcile = ['reconcile', '--once', '--repo', repo, '--timeout', '20s'];
    for (const command of [['--help'], ['validate', join(root, 'examples-repo')], reconcile, ['status']])
      await run(process.execPath, [fileURLToPath(import.meta.url), ...command], env);
  } finally {
    engine.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A program that cannot be run leaves less code, no more. */
async function run(program, args, env) {
  const child = spawn(program, args, { env, stdio: 'ignore', timeout: TIMEOUT_MS });
  await once(child, 'close').catch(() => {});
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const require = createRequire(import.meta.url);
  const loader = require(join(dist, 'load.cjs'));
  process.on('exit', loader.keepCode);
  require(join(dist, 'main.js'));
}
