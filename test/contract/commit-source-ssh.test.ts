import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { createCommitSource } from '../../src/git/commit-source.ts';
import { systemClock } from '../../src/system/clock.ts';
import { bareGitRepo } from '../support/git-repo.ts';
import { type GitSshServer, startGitSshServer } from '../support/git-server-ssh.ts';
import { commitSourceContract } from './commit-source.ts';

let server: GitSshServer | undefined;

commitSourceContract('ssh with a deploy key', {
  async start() {
    server = await startGitSshServer({ dir: '/' });
  },
  async stop() {
    await server?.close();
  },
  async make(dir) {
    const place = await bareGitRepo(join(dir, 'app.git'));
    const repo = `${server?.url}${place}`;
    const access = { sshKeyFile: server?.keyFile ?? '', knownHostsFile: server?.knownHostsFile ?? '' };
    return {
      pushUrl: repo,
      pushEnv: server?.env ?? {},
      hide: () => rename(place, `${place}.hidden`),
      unhide: () => rename(`${place}.hidden`, place),
      open: (options) => createCommitSource({ ...options, ...access, repo, workingTree: false, clock: systemClock() }),
    };
  },
});
