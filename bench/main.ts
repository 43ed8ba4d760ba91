// The benchmark: measures what Holdfast promises of its speed and size, prints it as a table and as one line of JSON, and exits 1 when a
// target is missed. `--quick` repeats less, `--only NAME` measures one part, `--output json` prints the JSON alone.
import { cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { dockerRequest, hostOfEnvironment } from '../scripts/engine-api.mjs';
import { measureApplications } from './applications.ts';
import { measureCommands } from './commands.ts';
import { asJson, type Figure, isHeld, table } from './figures.ts';
import { removeCluster } from './floor.ts';
import { measureNetwork } from './network.ts';
import { measurePlanning } from './planning.ts';
import { measurePush } from './push.ts';
import { uninstall } from './reconciler.ts';
import { measureRunning } from './running.ts';
import { measureStarts } from './starts.ts';
import { measureUpkeep } from './upkeep.ts';
import { measureValidation } from './validation.ts';
import { makeWorkspace, removeWorkspace } from './workspace.ts';

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    'private-engine': { type: 'boolean', default: false },
    only: { type: 'string' },
    output: { type: 'string', default: 'text' },
  },
});

const dockerHost = hostOfEnvironment();
const cluster = `bench-${process.pid}`;
const clusters = [
  cluster,
  ...['starts', 'upkeep', 'applications', 'push-watch', 'push-webhook', 'network', 'network-10', 'network-1000'].map(
    (part) => `${cluster}-${part}`,
  ),
];
const isJson = options.output === 'json';
const say = (text: string): void => void process.stderr.write(`bench: ${text}\n`);
const isQuick = options.quick;

const parts: Readonly<Record<string, (folder: string) => Promise<Figure[]>>> = {
  planning: (folder) => measurePlanning({ folder, dockerHost, cluster: `${cluster}-plan`, repeats: isQuick ? 5 : 15, say }),
  validation: () => measureValidation({ repeats: isQuick ? 1 : 3, say }),
  commands: (folder) => measureCommands({ folder, repeats: isQuick ? 3 : 7, say }),
  running: (folder) => measureRunning({ folder, dockerHost, cluster, repeats: isQuick ? 1 : 3, heals: isQuick ? 5 : 15, say }),
  upkeep: (folder) => measureUpkeep({ folder, dockerHost, cluster: `${cluster}-upkeep`, changes: isQuick ? 5 : 15, say }),
  push: (folder) => measurePush({ folder, dockerHost, cluster: `${cluster}-push`, repeats: isQuick ? 5 : 15, say }),
  applications: (folder) =>
    measureApplications({ folder, dockerHost, cluster: `${cluster}-applications`, count: isQuick ? 100 : 1_000, say }),
  network: (folder) => measureNetwork({ folder, dockerHost, cluster: `${cluster}-network`, isQuick, say }),
  starts: (folder) =>
    measureStarts({
      folder,
      dockerHost,
      cluster: `${cluster}-starts`,
      isPrivate: options['private-engine'],
      repeats: isQuick ? 1 : 3,
      say,
    }),
};

const stopped = new Promise<never>((_resolve, reject) => {
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => reject(new Error(`stopped by ${name}`)));
});
stopped.catch(() => {});

try {
  process.exitCode = await main();
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  // What still runs must not make anything anew.
  process.exit(1);
}

async function main(): Promise<number> {
  const chosen = Object.entries(parts).filter(([name]) => options.only === undefined || options.only === name);
  if (chosen.length === 0) {
    say(`--only takes one of ${Object.keys(parts).join(', ')}`);
    return 2;
  }
  const folder = makeWorkspace();
  const figures: Figure[] = [];
  try {
    for (const [, measure] of chosen) figures.push(...(await Promise.race([measure(folder), stopped])));
  } finally {
    // What a network has in the kernel does not go with its containers.
    for (const each of clusters) await uninstall(dockerHost, each, folder).catch((error: unknown) => say(String(error)));
    await Promise.all(
      [...clusters, `${cluster}-floor`, `${cluster}-network-proxy`].map((each) => removeCluster(dockerHost, each, true)),
    );
    removeWorkspace(folder);
  }
  if (!isJson) process.stdout.write(`${table(figures)}\n\n`);
  process.stdout.write(`${asJson(figures, await machine())}\n`);
  const missed = figures.filter((figure) => isHeld(figure) === false);
  if (missed.length > 0) say(`${missed.length} of ${figures.length} figures miss their target`);
  return missed.length === 0 ? 0 : 1;
}

async function machine(): Promise<Record<string, string | number>> {
  const { Version } = (await dockerRequest(dockerHost, 'GET', '/version')) as { Version: string };
  return { cores: cpus().length, memoryMegabytes: Math.round(totalmem() / 1e6), node: process.versions.node, docker: Version };
}
