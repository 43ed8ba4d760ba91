// Options for the statuses of commits at their forge.
import { Option } from 'commander';
import { UsageFault } from './usage-fault.ts';

/** What commander collected. */
export interface RawCommitStatusOptions {
  commitStatusTokenFile?: string;
  commitStatusForge?: string;
  commitStatusApi?: string;
}

/** What is told to the forge of the repository; nothing when there is no token. */
export interface CommitStatusChoices {
  /** At most one of the two: the token itself, from the environment, or a file with it. */
  readonly commitStatusToken?: string;
  readonly commitStatusTokenFile?: string;
  /** The forge, when its name does not tell. */
  readonly commitStatusForge?: string;
  /** Where its API is, when the repository's address does not tell. */
  readonly commitStatusApi?: string;
}

/** The options, for a command that runs a controller. */
export function commitStatusOptionList(): readonly Option[] {
  return [
    new Option(
      '--commit-status-token-file <file>',
      'token with which the forge is told what becomes of commits (or env HOLDFAST_COMMIT_STATUS_TOKEN)',
    ),
    new Option('--commit-status-forge <forge>', 'which forge the repository is on, when its host does not tell').choices([
      'github',
      'gitlab',
      'gitea',
      'forgejo',
      'bitbucket',
    ]),
    new Option('--commit-status-api <url>', 'where the API of the forge is, when the repository does not tell'),
  ];
}

/** The entries that are there. Throws UsageFault for what cannot mean anything. */
export function commitStatusOptions(
  raw: RawCommitStatusOptions,
  env: Readonly<Record<string, string | undefined>>,
): CommitStatusChoices {
  const { commitStatusTokenFile, commitStatusForge, commitStatusApi } = raw;
  const token = env['HOLDFAST_COMMIT_STATUS_TOKEN'] ?? '';
  const choice = {
    ...(commitStatusForge === undefined ? {} : { commitStatusForge }),
    ...(commitStatusApi === undefined ? {} : { commitStatusApi }),
  };
  if (commitStatusTokenFile !== undefined) return { commitStatusTokenFile, ...choice };
  if (token !== '') return { commitStatusToken: token, ...choice };
  const [named] = Object.keys(choice);
  if (named === undefined) return {};
  const option = named === 'commitStatusApi' ? '--commit-status-api' : '--commit-status-forge';
  throw new UsageFault(`${option} needs a token: give --commit-status-token-file or HOLDFAST_COMMIT_STATUS_TOKEN`);
}
