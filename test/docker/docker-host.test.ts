import { expect, test } from 'vitest';
import { type DockerEnvironment, describeDockerHost, parseDockerHost } from '../../src/docker/docker-host.ts';

const accepted: readonly (readonly [string, DockerEnvironment, object, string])[] = [
  ['nothing', {}, { type: 'unix', path: '/var/run/docker.sock' }, 'unix:///var/run/docker.sock'],
  ['empty', { DOCKER_HOST: ' ' }, { type: 'unix', path: '/var/run/docker.sock' }, 'unix:///var/run/docker.sock'],
  ['a socket', { DOCKER_HOST: 'unix:///run/x.sock' }, { type: 'unix', path: '/run/x.sock' }, 'unix:///run/x.sock'],
  ['a host', { DOCKER_HOST: 'tcp://a.example' }, { type: 'tcp', hostname: 'a.example', port: 2375 }, 'tcp://a.example:2375'],
  ['a port', { DOCKER_HOST: 'tcp://10.0.0.1:80/' }, { type: 'tcp', hostname: '10.0.0.1', port: 80 }, 'tcp://10.0.0.1:80'],
  ['IPv6', { DOCKER_HOST: 'tcp://[::1]:2375' }, { type: 'tcp', hostname: '::1', port: 2375 }, 'tcp://[::1]:2375'],
  [
    'TLS',
    { DOCKER_HOST: 'tcp://a.example', DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: '/certs' },
    { type: 'tcp', hostname: 'a.example', port: 2376, tls: { directory: '/certs' } },
    'tcp://a.example:2376',
  ],
  [
    'TLS with the files at home',
    { DOCKER_HOST: 'tcp://a.example:1', DOCKER_TLS_VERIFY: '1', HOME: '/home/me' },
    { type: 'tcp', hostname: 'a.example', port: 1, tls: { directory: '/home/me/.docker' } },
    'tcp://a.example:1',
  ],
  [
    'certificates without TLS',
    { DOCKER_HOST: 'tcp://a', DOCKER_CERT_PATH: '/certs' },
    { type: 'tcp', hostname: 'a', port: 2375 },
    'tcp://a:2375',
  ],
  ['ssh', { DOCKER_HOST: 'ssh://host' }, { type: 'ssh', hostname: 'host' }, 'ssh://host'],
  [
    'ssh with all',
    { DOCKER_HOST: 'ssh://me@[fe80::1]:2222/run/docker.sock' },
    { type: 'ssh', hostname: 'fe80::1', user: 'me', port: 2222, socket: '/run/docker.sock' },
    'ssh://me@[fe80::1]:2222/run/docker.sock',
  ],
];

test.each(accepted)('accepts %s', (_name, environment, host, description) => {
  const parsed = parseDockerHost(environment);
  expect(parsed).toEqual({ ok: true, host });
  expect(parsed.ok && describeDockerHost(parsed.host)).toBe(description);
});

test.each([
  ['ssh://', 'expected ssh://user@host'],
  ['ssh://host:99999', '99999 is not a port'],
  ['ssh://-oProxyCommand=x', 'no name of a host'],
  ['ssh://-l@host', 'no name of a host'],
  ['ssh://host;reboot', 'no name of a host'],
  ['ssh://host/a b', 'signs that a shell reads'],
  ['ssh://host/$(reboot)', 'signs that a shell reads'],
  ['npipe:////./pipe/docker_engine', 'expected unix://'],
  ['/var/run/docker.sock', 'expected unix://'],
  ['unix://relative', 'must be absolute'],
  ['tcp://', 'expected tcp://host:port'],
  ['tcp://host:99999', '99999 is not a port'],
  ['tcp://user@host', 'expected tcp://host:port'],
])('refuses %s', (text, reason) => {
  const parsed = parseDockerHost({ DOCKER_HOST: text });
  expect(parsed.ok ? '' : parsed.message).toContain(reason);
  expect(parsed.ok ? '' : parsed.message).toContain(text);
});

test('refuses TLS without a place for its files', () => {
  const parsed = parseDockerHost({ DOCKER_HOST: 'tcp://a', DOCKER_TLS_VERIFY: '1' });
  expect(parsed.ok ? '' : parsed.message).toContain('DOCKER_CERT_PATH');
});

test('refuses a password, and does not repeat it', () => {
  const parsed = parseDockerHost({ DOCKER_HOST: 'ssh://me:hunter2@host' });
  expect(parsed).toEqual({ ok: false, message: 'DOCKER_HOST "ssh://me@host": a password cannot be given: use a key' });
});
