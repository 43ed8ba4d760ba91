// The options that several commands share, and what they mean. Environment variables are read from the parts, not from the process.
import { delimiter } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { durationMs as softDeleteMs } from '../model/sync-policy.ts';
import { defaultDataDir } from './data-dir.ts';
import { addLoadOptions, loadOptions, type RawLoadOptions } from './load-options.ts';
import { type Parts, type PlaceOptions, type ReconcileOptions, type SourceOptions } from './parts.ts';
import { parseDuration } from './times.ts';
import { UsageFault } from './usage-fault.ts';

/** Names of clusters and applications end up in labels and names of containers. */
const NAME = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** Until when a commit must be healthy, unless somebody says otherwise. */
const DEFAULT_TIMEOUT_MS = 300_000;

/** A time such as 30s, in milliseconds. */
export function durationOption(text: string): number {
  const durationMs = parseDuration(text);
  if (durationMs === undefined) throw new InvalidArgumentError('Write a time such as 500ms, 30s, 5m or 1h.');
  return durationMs;
}

function nameOption(text: string): string {
  if (!NAME.test(text))
    throw new InvalidArgumentError('Use up to 63 lower-case letters, digits and hyphens, for example "shop".');
  return text;
}

/** The hash of a commit, or how it begins. */
export function commitOption(text: string): string {
  if (!/^[0-9a-f]{7,64}$/i.test(text)) throw new InvalidArgumentError('Give the hash of a commit, for example 1a2b3c4.');
  return text.toLowerCase();
}

/** A whole number that is not negative. */
export function wholeNumberOption(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('Give a whole number, for example 100.');
  return Number(text);
}

/** `--output` with the forms that a command has; the first is the default. */
export function outputOption(...choices: readonly [string, ...string[]]): Option {
  return new Option('-o, --output <form>', 'how to print').choices(choices).default(choices[0]);
}

/** Adds what says where the commit comes from. */
export function addSourceOptions(command: Command): Command {
  return addLoadOptions(command)
    .option('--repo <url>', 'repository: a path, http(s)://, ssh:// or git@host:path (env HOLDFAST_REPO)')
    .addOption(
      new Option('--branch <name>', "branch to follow (default: the repository's own)").conflicts([
        'tag',
        'commit',
        'workingTree',
      ]),
    )
    .addOption(new Option('--tag <name>', 'tag to follow').conflicts(['commit', 'workingTree']))
    .addOption(new Option('--commit <hash>', 'commit to stay at').conflicts('workingTree').argParser(commitOption))
    .option('--working-tree', 'follow the uncommitted files of a local repository')
    .option('--path <folder>', 'folder in the repository', '.')
    .option('--application <name>', 'name of the application (default: from path or repository)', nameOption)
    .option('--username <name>', 'user for http(s) (env HOLDFAST_GIT_USERNAME)')
    .addOption(
      new Option('--password-file <file>', 'file with the password (or env HOLDFAST_GIT_PASSWORD)').conflicts('tokenFile'),
    )
    .option('--token-file <file>', 'file with an access token (or env HOLDFAST_GIT_TOKEN)')
    .option('--ca-file <file>', 'certificates to trust, PEM (env HOLDFAST_GIT_CA_FILE)')
    .option('--ssh-key-file <file>', 'private key for ssh (env HOLDFAST_SSH_KEY_FILE)')
    .option('--known-hosts-file <file>', 'host keys to trust (env HOLDFAST_KNOWN_HOSTS_FILE)')
    .option(
      '--verify-keys <path>',
      'a file or folder with the keys that may sign commits; may be given more than once (env HOLDFAST_VERIFY_KEYS)',
      (path: string, before: readonly string[] | undefined) => [...(before ?? []), path],
    )
    .addOption(
      new Option('--verify <mode>', 'which commits must be signed (default: head; env HOLDFAST_VERIFY)').choices(['head', 'all']),
    );
}

/** Adds what says which cluster, and where its state is. */
export function addPlaceOptions(command: Command): Command {
  return command
    .option('--cluster <name>', 'keeps clusters on one Docker Engine apart (env HOLDFAST_CLUSTER, default: default)', nameOption)
    .option('--data-dir <folder>', 'where the state is (env HOLDFAST_DATA_DIR)');
}

/** Adds how long and how often. */
export function addTimeOptions(command: Command): Command {
  return command.addOption(
    new Option('--timeout <time>', 'until a commit must be healthy (default: 5m, or what the commit says)').argParser(
      durationOption,
    ),
  );
}

/** Adds what becomes of that which commits remove. */
export function addSoftDeleteOption(command: Command): Command {
  return command.addOption(
    new Option(
      '--soft-delete <time>',
      'how long "holdfast undelete" can bring back what a commit removes (default: not at all)',
    ).argParser((text) => {
      if (softDeleteMs(text) === undefined) throw new InvalidArgumentError('Write a time such as 30m or 2h.');
      return text;
    }),
  );
}

/** Adds the poll interval. */
export function addIntervalOption(command: Command): Command {
  return command.addOption(
    new Option('--interval <time>', 'how often to ask the repository').default(30_000, '30s').argParser(durationOption),
  );
}

/** What commander collected for the options above. */
export interface RawSourceOptions extends RawLoadOptions {
  repo?: string;
  branch?: string;
  tag?: string;
  commit?: string;
  workingTree?: true;
  path: string;
  application?: string;
  username?: string;
  passwordFile?: string;
  tokenFile?: string;
  caFile?: string;
  sshKeyFile?: string;
  knownHostsFile?: string;
  verifyKeys?: readonly string[];
  verify?: 'head' | 'all';
}

export interface RawPlaceOptions {
  cluster?: string;
  dataDir?: string;
}

/** Options and environment together. Throws UsageFault when there is no repository. */
export function sourceOptions(raw: RawSourceOptions, env: Parts['env']): SourceOptions {
  const from = (option: string | undefined, variable: string): string | undefined =>
    option ?? (env[variable] === '' ? undefined : env[variable]);
  const repo = from(raw.repo, 'HOLDFAST_REPO');
  if (repo === undefined || repo === '') {
    throw new UsageFault(
      'which repository? Give --repo, for example --repo . or --repo https://git.example.com/shop.git, or set HOLDFAST_REPO',
    );
  }
  const hasFile = raw.passwordFile !== undefined || raw.tokenFile !== undefined;
  const token = hasFile ? undefined : from(undefined, 'HOLDFAST_GIT_TOKEN');
  const password = hasFile || token !== undefined ? undefined : from(undefined, 'HOLDFAST_GIT_PASSWORD');
  return {
    repo,
    path: raw.path,
    workingTree: raw.workingTree ?? false,
    ...verifyOptions(raw, env),
    ...present({
      branch: raw.branch,
      tag: raw.tag,
      commit: raw.commit,
      username: from(raw.username, 'HOLDFAST_GIT_USERNAME'),
      password,
      passwordFile: raw.passwordFile,
      token,
      tokenFile: raw.tokenFile,
      caFile: from(raw.caFile, 'HOLDFAST_GIT_CA_FILE'),
      sshKeyFile: from(raw.sshKeyFile, 'HOLDFAST_SSH_KEY_FILE'),
      knownHostsFile: from(raw.knownHostsFile, 'HOLDFAST_KNOWN_HOSTS_FILE'),
    }),
  };
}

/** A wish to verify is never lost: without keys it is a fault. */
function verifyOptions(raw: RawSourceOptions, env: Parts['env']): Pick<SourceOptions, 'verify'> {
  const named = raw.verifyKeys ?? (env['HOLDFAST_VERIFY_KEYS'] ?? '').split(delimiter).filter((path) => path !== '');
  const mode = raw.verify ?? (env['HOLDFAST_VERIFY'] === '' ? undefined : env['HOLDFAST_VERIFY']);
  if (mode !== undefined && mode !== 'head' && mode !== 'all')
    throw new UsageFault(`HOLDFAST_VERIFY is "${mode}", but only head and all mean something`);
  if (named.length > 0) return { verify: { mode: mode ?? 'head', keys: named } };
  if (mode !== undefined) throw new UsageFault('--verify needs --verify-keys: whose signatures count?');
  return {};
}

/** Cluster and data folder. Throws UsageFault for a bad name in the environment or when there is no place for the state. */
export function placeOptions(raw: RawPlaceOptions, parts: Pick<Parts, 'env' | 'uid'>): PlaceOptions {
  const variable = parts.env['HOLDFAST_CLUSTER'];
  const cluster = raw.cluster ?? (variable === undefined || variable === '' ? 'default' : variable);
  if (!NAME.test(cluster))
    throw new UsageFault(
      `HOLDFAST_CLUSTER is "${cluster}", but only up to 63 lower-case letters, digits and hyphens make a name`,
    );
  return { cluster, dataDir: raw.dataDir ?? defaultDataDir(parts.env, parts.uid) };
}

/** Everything for `reconcile` and `diff`. */
export function reconcileOptions(
  raw: RawSourceOptions & RawPlaceOptions & { timeout?: number; interval?: number; once?: true; softDelete?: string },
  parts: Pick<Parts, 'env' | 'uid'>,
): ReconcileOptions {
  return {
    ...sourceOptions(raw, parts.env),
    ...placeOptions(raw, parts),
    ...loadOptions(raw),
    ...present({ application: raw.application, softDelete: raw.softDelete }),
    once: raw.once ?? false,
    intervalMs: raw.interval ?? 30_000,
    timeoutMs: raw.timeout ?? DEFAULT_TIMEOUT_MS,
    isTimeoutFixed: raw.timeout !== undefined,
  };
}

/** The entries that are there. */
function present<T extends Record<string, string | undefined>>(options: T): { [K in keyof T]?: string } {
  const kept: { [K in keyof T]?: string } = {};
  for (const key in options) if (options[key] !== undefined) kept[key] = options[key];
  return kept;
}
