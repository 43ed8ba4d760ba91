// One end-to-end scene: a cluster of its own on the real engine, a data folder, a repository, and the commands that are run in it.
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { hostOfEnvironment } from '../../scripts/engine-api.mjs';
import { objectsOf } from '../../src/cli/status-text.ts';
import { openStoreForReading } from '../../src/installation/data-folder.ts';
import { systemClock } from '../../src/system/clock.ts';
import { systemIds } from '../../src/system/ids.ts';
import { cleanUp, ensureBusybox, removeLabelled, uniqueCluster } from './docker.ts';
import { type CommandPlace, type CommandResult, type RunningCommand, runCommand, startCommand } from './e2e-command.ts';
import { clusterContainers, type EngineState, engineState, runningContainers, type SeenContainer } from './e2e-engine.ts';
import { type Inquiry, inquire } from './e2e-inquiry.ts';
import { until } from './e2e-until.ts';
import { type GitRepo, gitRepo, temporaryFolder } from './git-repo.ts';
import { ownRanges } from './own-ranges.ts';

/** Marks what a scene makes on the engine behind Holdfast's back. */
const FOREIGN_LABEL = 'holdfast-test.foreign';
const STOP_TIMEOUT_MS = 20_000;

/** The one object of `--output json`. */
export interface JsonOutcome {
  readonly application: string;
  readonly commit: { readonly id: string; readonly subject: string; readonly author: string } | null;
  readonly outcome: string;
  readonly actions: readonly {
    readonly kind: string;
    readonly namespace: string;
    readonly name: string;
    readonly action: string;
  }[];
  readonly problems: readonly {
    readonly reason: string;
    readonly file: string;
    readonly line: number;
    readonly message: string;
  }[];
  readonly message: string;
}

/** What `holdfast status --output json` says of one application, as far as tests look at it; read from the store as that command does. */
export interface ApplicationSeen {
  readonly name: string;
  readonly status: {
    readonly health?: string;
    readonly lastGood?: { readonly id: string };
    readonly attempt?: { readonly phase: string; readonly commit: { readonly id: string } };
    readonly held?: { readonly outcome: string; readonly commit: { readonly id: string }; readonly message: string };
    readonly quarantined?: { readonly commit: { readonly id: string } };
    readonly source?: { readonly ready: boolean; readonly reason: string; readonly message: string };
  };
  readonly objects: readonly { readonly kind: string; readonly name: string; readonly ready?: number }[];
}

export interface SceneOptions {
  /** The environment of every command, over the scene's own. */
  readonly env?: Readonly<Record<string, string>>;
  /** What every command is run under; see CommandPlace. */
  readonly under?: readonly string[];
}

/** A scene. Everything that it made is gone after `close`. */
export interface Scene {
  readonly dir: string;
  readonly cluster: string;
  readonly dataDir: string;
  /** On branch main, empty. */
  readonly repo: GitRepo;
  readonly foreignLabel: string;
  place(env?: Readonly<Record<string, string>>): CommandPlace;
  /** Runs `holdfast …` to its end. */
  holdfast(
    args: readonly string[],
    options?: { env?: Readonly<Record<string, string>>; deadlineMs?: number },
  ): Promise<CommandResult>;
  /** What `holdfast …` prints, without a process of its own: for what is asked often. */
  ask(args: Inquiry): Promise<CommandResult>;
  /** `holdfast reconcile --once --output json` of the repository; `stdout` is that one object. */
  once(
    args?: readonly string[],
    options?: { env?: Readonly<Record<string, string>>; deadlineMs?: number },
  ): Promise<CommandResult & { outcome: JsonOutcome }>;
  /** Starts `holdfast reconcile` of the repository, or of what the arguments name. It is stopped by `close` at the latest. */
  controller(args?: readonly string[], options?: { env?: Readonly<Record<string, string>> }): RunningCommand;
  /** Ctrl-C, and waits for the end. */
  stop(controller: RunningCommand): Promise<CommandResult>;
  /** The one application. Throws while there is none. */
  application(): Promise<ApplicationSeen>;
  /** Waits until this commit is live and healthy, and returns the running containers of pods. */
  untilLive(commit: string, timeoutMs?: number): Promise<readonly SeenContainer[]>;
  /** Waits until the running containers of pods whose names begin so are as they should be. */
  untilRunning(
    what: string,
    podPrefix: string,
    isReached: (containers: readonly SeenContainer[]) => boolean,
    timeoutMs?: number,
  ): Promise<readonly SeenContainer[]>;
  engine(): Promise<EngineState>;
  close(): Promise<void>;
}

/** Makes a scene. */
export async function scene(name: string, options: SceneOptions = {}): Promise<Scene> {
  await ensureBusybox();
  const folder = await temporaryFolder(`holdfast-e2e-${name}-`);
  const cluster = uniqueCluster(`e2e-${name}`);
  const dataDir = join(folder.dir, 'data');
  const temporary = join(folder.dir, 'tmp');
  await mkdir(temporary);
  const repo = await gitRepo(join(folder.dir, 'repo'));
  const foreignLabel = `${FOREIGN_LABEL}=${cluster}`;
  const controllers: RunningCommand[] = [];
  const place = (env: Readonly<Record<string, string>> = {}): CommandPlace => ({
    cwd: folder.dir,
    ...(options.under === undefined ? {} : { under: options.under }),
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: folder.dir,
      TMPDIR: temporary,
      DOCKER_HOST: hostOfEnvironment(),
      HOLDFAST_CLUSTER: cluster,
      HOLDFAST_DATA_DIR: dataDir,
      // What does not concern the network is quicker without.
      HOLDFAST_NETWORK: 'none',
      ...options.env,
      ...env,
    },
  });
  const hasNetwork = options.env?.['HOLDFAST_NETWORK'] === 'auto';
  const own = hasNetwork ? await ownRanges() : undefined;
  const ranges = own === undefined ? [] : ['--pod-range', own.podRange, '--service-range', own.serviceRange];
  const source = (args: readonly string[]): readonly string[] => [
    ...(args.includes('--repo') ? [] : ['--repo', repo.dir]),
    ...(args.includes('--pod-range') ? [] : ranges),
    ...args,
  ];
  const said = (): string => controllers.map(({ pid, stderr }) => `controller ${pid} said:\n${stderr}`).join('\n');
  const self: Scene = {
    dir: folder.dir,
    cluster,
    dataDir,
    repo,
    foreignLabel,
    place,
    holdfast: (args, { env, deadlineMs } = {}) => runCommand(args, place(env), deadlineMs),
    ask: (args) => inquire(args, place().env),
    async once(args = [], { env, deadlineMs } = {}) {
      const result = await runCommand(['reconcile', '--once', '--output', 'json', ...source(args)], place(env), deadlineMs);
      return { ...result, outcome: parsed(result) };
    },
    controller(args = [], { env } = {}) {
      const running = startCommand(['reconcile', '--interval', '1s', ...source(args)], place(env));
      controllers.push(running);
      return running;
    },
    async stop(controller) {
      const timer = setTimeout(() => controller.signal('SIGKILL'), STOP_TIMEOUT_MS);
      controller.signal('SIGINT');
      const result = await controller.ended;
      clearTimeout(timer);
      return result;
    },
    async application() {
      // Without the command: many looks are taken while a test waits, and a process for each would be most of what a test costs.
      const store = openStoreForReading(dataDir, systemClock(), systemIds());
      if (store === undefined) throw new Error('no store yet');
      try {
        const [application] = store.list('Application');
        if (application === undefined) throw new Error('no application yet');
        const { name } = application.metadata;
        return { name, status: application.status ?? {}, objects: objectsOf(application, store) };
      } finally {
        await store.close();
      }
    },
    async untilLive(commit, timeoutMs) {
      const isLive = ({ status }: ApplicationSeen): boolean =>
        status.lastGood?.id === commit && status.health === 'Healthy' && status.attempt === undefined;
      const explain = { explain: said, ...(timeoutMs === undefined ? {} : { timeoutMs }) };
      await until(`commit ${commit} is live`, () => self.application(), isLive, explain);
      return await runningContainers(cluster);
    },
    untilRunning: (what, podPrefix, isReached, timeoutMs) =>
      until(what, () => runningContainers(cluster, podPrefix), isReached, {
        explain: said,
        ...(timeoutMs === undefined ? {} : { timeoutMs }),
      }),
    engine: () => engineState(cluster),
    async close() {
      await Promise.all(controllers.filter(({ hasEnded }) => !hasEnded).map((controller) => self.stop(controller)));
      // What the network has in the kernel does not go with its container.
      if (hasNetwork) await self.holdfast(['uninstall', '--yes', '--pods']);
      own?.release();
      await cleanUp(cluster);
      await removeLabelled(foreignLabel);
      await rm(folder.dir, { recursive: true, force: true });
      const left = await clusterContainers(cluster);
      if (left.length > 0) throw new Error(`the scene left ${left.map(({ name: container }) => container).join(', ')}`);
    },
  };
  return self;
}

function parsed(result: CommandResult): JsonOutcome {
  try {
    return JSON.parse(result.stdout) as JsonOutcome;
  } catch {
    throw new Error(`standard output is not one JSON object:\n${result.stdout}\n${result.stderr}`);
  }
}
