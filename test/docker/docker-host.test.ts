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
];

test.each(accepted)('accepts %s', (_name, environment, host, description) => {
  const parsed = parseDockerHost(environment);
  expect(parsed).toEqual({ ok: true, host });
  expect(parsed.ok && describeDockerHost(parsed.host)).toBe(description);
});

test.each([
  ['ssh://me@host', 'ssh is not supported yet'],
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
