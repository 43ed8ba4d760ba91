// A repository behind ssh. The git program and the ssh program do the talking; here are their arguments and what their complaints mean.
import { createHash } from 'node:crypto';
import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import { SourceError, type SourceFault } from '../sync/commit-source.ts';
import type { GitBinary, GitRun } from './git-binary.ts';
import { withoutCredentials } from './location.ts';
import { refusalOf } from './push-refusal.ts';
import type { Remote, RemoteRef } from './remote.ts';

/** Until the server has greeted. */
const CONNECT_TIMEOUT_SECONDS = 15;
const ALIVE_INTERVAL_SECONDS = 15;
/** Of a complaint, for people. */
const MAX_COMPLAINT_LENGTH = 600;

/** How to reach the repository. */
export interface SshRemoteOptions {
  readonly url: string;
  readonly binary: GitBinary;
  readonly keyFile: string | undefined;
  /** When given, it alone says which host keys are right. */
  readonly knownHostsFile: string | undefined;
  /** Where host keys are kept that were accepted at the first contact. */
  readonly cacheDir: string;
}

/** A repository behind ssh. */
export function sshRemote(options: SshRemoteOptions): Remote {
  const run = async (args: readonly string[], signal: AbortSignal): Promise<GitRun> => {
    await assertReadable('key', options.keyFile);
    await assertReadable('known hosts', options.knownHostsFile);
    const env = { GIT_SSH_COMMAND: sshCommand(options), GIT_SSH_VARIANT: 'ssh', GIT_ALLOW_PROTOCOL: 'ssh' };
    return await options.binary.run(args, { signal, env });
  };
  return {
    async list(prefix, signal) {
      const result = await run(['ls-remote', '--quiet', '--symref', '--', options.url, ...patterns(prefix)], signal);
      if (result.exitCode !== 0) throw complaint(options.url, result);
      return parseListing(result.stdout.toString('utf8')).filter(({ ref }) => ref.startsWith(prefix));
    },
    async fetch(gitdir, wanted, signal) {
      const command = ['--quiet', '--no-tags', '--force', '--no-write-fetch-head', '--no-recurse-submodules'];
      const fetch = (...args: string[]): Promise<GitRun> => run([`--git-dir=${gitdir}`, 'fetch', ...command, ...args], signal);
      const complaintOf = (result: GitRun): SourceError | undefined =>
        result.exitCode === 0 ? undefined : complaint(options.url, result);
      const refuseUnlessGone = (error: SourceError | undefined): void => {
        if (error !== undefined && error.fault !== 'RevisionNotFound') throw error;
      };
      if (wanted.ref !== undefined) {
        refuseUnlessGone(complaintOf(await fetch('--', options.url, `+${wanted.ref}:${localRef(wanted.ref)}`)));
        const has = await options.binary.run([`--git-dir=${gitdir}`, 'cat-file', '-e', `${wanted.commitId}^{commit}`], {
          signal,
        });
        if (has.exitCode === 0) return;
      }
      const byId = complaintOf(await fetch('--', options.url, wanted.commitId));
      if (byId === undefined) return;
      refuseUnlessGone(byId);
      // Many servers give only what a ref names; the commit may be in the history of one.
      const all = complaintOf(
        await fetch(
          '--prune',
          '--',
          options.url,
          '+refs/heads/*:refs/holdfast/all/heads/*',
          '+refs/tags/*:refs/holdfast/all/tags/*',
        ),
      );
      if (all !== undefined) throw all;
    },
    async push(gitdir, { ref, from, to }, signal) {
      // The lease makes the server compare; `to` is made on `from`, so that nothing is ever taken out of the ref.
      const lease = `--force-with-lease=${ref}:${from ?? ''}`;
      const flags = ['--porcelain', '--no-verify', '--no-follow-tags', '--recurse-submodules=no', lease];
      const result = await run([`--git-dir=${gitdir}`, 'push', ...flags, '--', options.url, `${to}:${ref}`], signal);
      if (result.exitCode === 0) return undefined;
      const refusal = /^!\t[^\t]*\t(.*)$/m.exec(result.stdout.toString('utf8'))?.[1];
      if (refusal === undefined) throw complaint(options.url, result);
      return refusalOf(refusal, result.stderr);
    },
  };
}

/** Hashed, because a branch `a` that was deleted must not stand in the way of a branch `a/b`. */
const localRef = (ref: string): string => `refs/holdfast/followed/${createHash('sha256').update(ref).digest('hex').slice(0, 16)}`;

function patterns(prefix: string): readonly string[] {
  if (prefix.endsWith('/')) return [`${prefix}*`];
  return prefix.startsWith('refs/tags/') ? [prefix, `${prefix}^{}`] : [prefix];
}

/** Lines are `<id>\t<ref>`, `ref: <target>\t<ref>`, and `<id>\t<tag>^{}` after an annotated tag. */
export function parseListing(text: string): RemoteRef[] {
  const refs = new Map<string, { ref: string; id: string; peeledId?: string; target?: string }>();
  const targets = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [value = '', ref = ''] = line.split('\t');
    if (ref === '') continue;
    if (value.startsWith('ref: ')) {
      targets.set(ref, value.slice('ref: '.length));
      continue;
    }
    const tag = ref.endsWith('^{}') ? refs.get(ref.slice(0, -3)) : undefined;
    if (tag !== undefined) tag.peeledId = value;
    else if (!ref.endsWith('^{}')) refs.set(ref, { ref, id: value });
  }
  for (const [ref, target] of targets) {
    const symbolic = refs.get(ref);
    if (symbolic !== undefined) symbolic.target = target;
  }
  return [...refs.values()];
}

function sshCommand(options: SshRemoteOptions): string {
  const isGiven = options.knownHostsFile !== undefined;
  const hosts = isGiven ? quoted(options.knownHostsFile) : `${quoted(join(options.cacheDir, 'known_hosts'))} ~/.ssh/known_hosts`;
  const settings = [
    'BatchMode=yes',
    `ConnectTimeout=${CONNECT_TIMEOUT_SECONDS}`,
    `ServerAliveInterval=${ALIVE_INTERVAL_SECONDS}`,
    'ServerAliveCountMax=3',
    'ControlMaster=no',
    'ControlPath=none',
    `StrictHostKeyChecking=${isGiven ? 'yes' : 'accept-new'}`,
    `UserKnownHostsFile=${hosts}`,
    ...(isGiven ? ['GlobalKnownHostsFile=/dev/null'] : []),
    ...(options.keyFile === undefined ? [] : ['IdentitiesOnly=yes', `IdentityFile=${quoted(options.keyFile)}`]),
  ];
  return ['ssh', ...settings.flatMap((setting) => ['-o', setting])]
    .map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`)
    .join(' ');
}

/** ssh splits at spaces and expands `%`. */
const quoted = (path = ''): string => `"${path.replaceAll('%', '%%')}"`;

async function assertReadable(what: string, path: string | undefined): Promise<void> {
  if (path === undefined) return;
  try {
    await access(path, constants.R_OK);
  } catch (cause) {
    throw new SourceError('Misconfigured', `the ssh ${what} file ${path} cannot be read`, { cause });
  }
}

/** What git and ssh say in English, the most telling first. */
const COMPLAINTS: readonly (readonly [RegExp, SourceFault, string])[] = [
  [/cannot run .*ssh|ssh: (command )?not found/i, 'ToolMissing', 'the program "ssh" was not found: install openssh-client'],
  [
    /REMOTE HOST IDENTIFICATION HAS CHANGED/,
    'HostKeyRejected',
    'the host key of the server has changed. Make sure that it is the right server, then correct the known hosts file',
  ],
  [
    /Host key verification failed/i,
    'HostKeyRejected',
    'the host key of the server is not in the known hosts file. Add it (ssh-keyscan shows it) after comparing its fingerprint',
  ],
  [
    /UNPROTECTED PRIVATE KEY|bad permissions/i,
    'Misconfigured',
    'others may read the ssh key file, so ssh does not use it: chmod 600',
  ],
  [
    /Permission denied|Too many authentication failures|no supported authentication/i,
    'AuthenticationFailed',
    'the server does not accept the ssh key. Add its public key to the repository or account',
  ],
  [/Could not resolve hostname|Name or service not known/i, 'Unreachable', 'the name of the server is not known to DNS'],
  [/Connection refused/i, 'Unreachable', 'connection refused. Is the server running, and the port right?'],
  [/timed out|not responding/i, 'Unreachable', 'the server does not answer'],
  [/No route to host|Network is unreachable/i, 'Unreachable', 'no route to the server'],
  [
    /couldn't find remote ref|not our ref|unadvertised object/i,
    'RevisionNotFound',
    'the revision is not on the server any longer',
  ],
  [
    /does not appear to be a git repository|repository.*not found|no such (file|repository|project)|not exist/i,
    'RepositoryNotFound',
    'the repository does not exist on the server, or this key may not see it',
  ],
  [/mismatched algorithms|object format/i, 'Misconfigured', 'repositories with SHA-256 object names are not supported'],
  [/dubious ownership/i, 'Misconfigured', 'git refuses the repository, because it belongs to another user'],
  [/No space left on device/i, 'Misconfigured', 'the disk is full'],
  [
    /bad object|index-pack failed|unresolved deltas|did not send all necessary objects|object file .* is empty|corrupt/i,
    'Corrupt',
    'objects are damaged or missing',
  ],
  [
    /Connection (closed|reset)|kex_exchange|early EOF|hung up|unexpected disconnect|Broken pipe/i,
    'Unreachable',
    'the server closed the connection',
  ],
];

/** What a failed run means. */
export function complaint(url: string, run: Pick<GitRun, 'stderr' | 'exitCode'>): SourceError {
  const said = withoutCredentials(run.stderr)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^[@ ]*$/.test(line))
    .join('; ')
    .slice(0, MAX_COMPLAINT_LENGTH);
  const known = COMPLAINTS.find(([pattern]) => pattern.test(run.stderr));
  if (known === undefined)
    return new SourceError('Unreachable', `${url}: git ended with exit code ${run.exitCode ?? 'none'}: ${said}`);
  return new SourceError(known[1], `${url}: ${known[2]} (git says: ${said})`);
}
