import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createCommitSource } from '../../src/git/commit-source.ts';
import { systemClock } from '../../src/system/clock.ts';
import { bareGitRepo, gitRepo } from '../support/git-repo.ts';
import { type GitHttpServer, startGitHttpServer } from '../support/git-server-http.ts';
import { commitSourceContract } from './commit-source.ts';
import type { RemoteFactory, TestRemote } from './commit-source-reading.ts';

const clock = systemClock();
const nothing = async (): Promise<void> => {};

const hiding = (place: string): Pick<TestRemote, 'hide' | 'unhide'> => ({
  hide: () => rename(place, `${place}.hidden`),
  unhide: () => rename(`${place}.hidden`, place),
});

commitSourceContract('a local path with files', {
  start: nothing,
  stop: nothing,
  async make(dir) {
    const place = join(dir, 'checked-out');
    const target = await gitRepo(place);
    await target.git('config', 'receive.denyCurrentBranch', 'updateInstead');
    return {
      pushUrl: place,
      ...hiding(place),
      open: (options) => createCommitSource({ ...options, repo: place, workingTree: false, clock }),
    };
  },
});

commitSourceContract('a file URL of a bare repository', {
  start: nothing,
  stop: nothing,
  async make(dir) {
    const place = await bareGitRepo(join(dir, 'bare.git'));
    const repo = pathToFileURL(place).href;
    return {
      pushUrl: place,
      ...hiding(place),
      open: (options) => createCommitSource({ ...options, repo, workingTree: false, clock }),
    };
  },
});

function overHttp(tls: boolean, gitProgram: string): RemoteFactory {
  let server: GitHttpServer | undefined;
  return {
    start: nothing,
    async stop() {
      await server?.close();
    },
    async make(dir) {
      await server?.close();
      const started = await startGitHttpServer({ dir, username: 'ada', password: 'p@ss/word', tls });
      server = started;
      const place = await bareGitRepo(join(dir, 'app.git'));
      const common = {
        repo: `${started.url}/app.git`,
        workingTree: false,
        clock,
        gitProgram,
        credentials: { username: 'ada', password: 'p@ss/word' },
      };
      const caFile = started.caFile === undefined ? {} : { caFile: started.caFile };
      return {
        pushUrl: `${started.urlWithCredentials}/app.git`,
        ...(started.caFile === undefined ? {} : { pushEnv: { GIT_SSL_CAINFO: started.caFile } }),
        ...hiding(place),
        open: (options) => createCommitSource({ ...options, ...common, ...caFile }),
      };
    },
  };
}

commitSourceContract('http with a password', overHttp(false, 'git'));
commitSourceContract('https with an own authority, and no git program', overHttp(true, '/nonexistent/git'));
