import { expect, test } from 'vitest';
import { sshFault } from '../../src/docker/ssh-fault.ts';

const gone = Object.assign(new Error('spawn ssh ENOENT'), { code: 'ENOENT' });

test.each([
  ['no ssh', { error: gone, said: '', code: null }, 'there is no ssh program on this machine'],
  ['no permission to start it', { error: new Error('EACCES'), said: '', code: null }, 'ssh cannot be started: EACCES'],
  [
    'a refused key',
    { said: 'me@host: Permission denied (publickey).\r\n', code: 255 },
    'me@host: Permission denied (publickey). (the key is not accepted',
  ],
  [
    'an unknown host',
    { said: 'No ED25519 host key is known.\nHost key verification failed.\n', code: 255 },
    'Host key verification failed. (its host key is not the known one',
  ],
  [
    'no docker',
    { said: 'sh: 1: docker: not found\n', code: 127 },
    'docker: not found (there is no docker command on the other side',
  ],
  [
    'no docker, said in another language',
    { said: 'bash: docker: Kommando nicht gefunden.\n', code: 127 },
    '(there is no docker command',
  ],
  ['an old docker', { said: "docker: 'dial-stdio' is not a docker command.\n", code: 1 }, 'older than 18.09'],
  [
    'no right to the engine',
    { said: 'permission denied while trying to connect to the Docker daemon socket', code: 1 },
    'add it to the group docker',
  ],
  [
    'nobody there',
    { said: 'ssh: connect to host h port 22: Connection refused\n', code: 255 },
    'ssh: connect to host h port 22: Connection refused',
  ],
  ['silence', { said: '', code: 3 }, 'ssh ended with exit code 3'],
  ['a signal', { said: '', code: null }, 'ssh was ended'],
])('%s', (_name, end, message) => {
  expect(sshFault(end)).toContain(message);
});
