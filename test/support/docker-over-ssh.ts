// An engine's socket behind a real sshd: over there a `docker` that knows nothing but `system dial-stdio`, here an `ssh` with settings of its own.
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { startGitSshServer } from './git-server-ssh.ts';

/** How the client is set up. */
export type SshSetup = 'right' | 'wrong-key' | 'unknown-host' | 'home';

export interface DockerOverSsh {
  /** For DOCKER_HOST. */
  readonly address: string;
  readonly host: {
    readonly type: 'ssh';
    readonly hostname: string;
    readonly user: string;
    readonly port: number;
    readonly socket: string;
  };
  /** The PATH of whoever connects. */
  searchPath(setup: SshSetup): string;
  /** The private key that is let in, and the line of known_hosts. */
  readonly keyFile: string;
  readonly knownHostsFile: string;
  /** From now on there is no docker over there. */
  loseDocker(): Promise<void>;
  connections(): Promise<number>;
  close(): Promise<void>;
}

/** As the docker command does it: over when the engine has ended, whatever the other way does. */
const STUB = `#!${process.execPath}
const [host, path, ...rest] = process.argv.slice(2);
if (host !== '--host' || rest.join(' ') !== 'system dial-stdio') throw new Error('unexpected: ' + process.argv);
const engine = require('node:net').connect({ path: path.slice('unix://'.length), allowHalfOpen: true });
engine.on('error', (error) => { console.error(error.message); process.exit(1); });
process.stdin.pipe(engine);
engine.pipe(process.stdout);
process.stdout.on('error', () => process.exit(1));
engine.on('end', () => process.stdout.write('', () => process.exit()));
`;

/** Puts the socket behind ssh on loopback. */
export async function dockerOverSsh(socket: string): Promise<DockerOverSsh> {
  const dir = await mkdtemp(join(tmpdir(), 'holdfast-docker-ssh-'));
  const there = join(dir, 'there');
  await mkdir(there);
  const docker = join(there, 'docker');
  await script(docker, STUB);
  const server = await startGitSshServer({ dir, searchPath: `${there}:/nowhere` });
  const setups = {
    right: [server.keyFile, server.knownHostsFile],
    'wrong-key': [server.wrongKeyFile, server.knownHostsFile],
    'unknown-host': [server.keyFile, '/dev/null'],
    // ssh looks for the home folder in the list of users, not in the environment.
    home: ['"$HOME/.ssh/id_ed25519"', '"$HOME/.ssh/known_hosts"'],
  } as const;
  for (const [name, [key, knownHosts]] of Object.entries(setups)) {
    await mkdir(join(dir, name));
    const options = `-F /dev/null -i ${key} -o IdentitiesOnly=yes -o IdentityAgent=none -o UserKnownHostsFile=${knownHosts} -o GlobalKnownHostsFile=/dev/null`;
    await script(join(dir, name, 'ssh'), `#!/bin/sh\nexec /usr/bin/ssh ${options} "$@"\n`);
  }
  const port = Number(new URL(server.url).port);
  const user = userInfo().username;
  return {
    address: `ssh://${user}@127.0.0.1:${port}${socket}`,
    host: { type: 'ssh', hostname: '127.0.0.1', user, port, socket },
    searchPath: (setup) => `${join(dir, setup)}:${process.env['PATH'] ?? ''}`,
    keyFile: server.keyFile,
    knownHostsFile: server.knownHostsFile,
    loseDocker: () => rm(docker),
    connections: () => server.connections(),
    close: async () => {
      await server.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

async function script(path: string, text: string): Promise<void> {
  await writeFile(path, text);
  await chmod(path, 0o755);
}
