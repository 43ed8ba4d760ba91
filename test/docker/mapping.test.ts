import { describe, expect, test } from 'vitest';
import { permissionsOfMode, readStat, typeOfMode } from '../../src/docker/archive.ts';
import { toCreateBody } from '../../src/docker/create-body.ts';
import { RefusedByEngine, toEngineError, toPullError } from '../../src/docker/failures.ts';
import { demultiplex } from '../../src/docker/frames.ts';
import { jsonLines } from '../../src/docker/lines.ts';
import {
  chooseApiVersion,
  splitReference,
  toDiskUse,
  toInfo,
  toNetworkBody,
  toNetworkSeen,
  toPullQuery,
  toSeen,
  toVolumeBody,
} from '../../src/docker/mapping.ts';
import type { ContainerSpec } from '../../src/kubelet/engine/container-engine.ts';
import { EngineError } from '../../src/kubelet/engine/container-engine.ts';
import { plainContainer } from '../support/plain-container.ts';

const spec: ContainerSpec = {
  name: 'web',
  image: 'busybox:1.36',
  labels: { app: 'web' },
  ...plainContainer,
  env: ['A=1'],
  network: { type: 'network', name: 'pods' },
};

describe('API version', () => {
  test.each([
    ['20.10', { ApiVersion: '1.41', MinAPIVersion: '1.12' }, '1.41'],
    ['24', { ApiVersion: '1.43', MinAPIVersion: '1.12' }, '1.43'],
    ['28', { ApiVersion: '1.51', MinAPIVersion: '1.24' }, '1.45'],
    ['an engine that has dropped ours', { ApiVersion: '1.60', MinAPIVersion: '1.50' }, '1.50'],
  ])('of Docker %s', (_name, version, chosen) => {
    expect(chooseApiVersion(version)).toBe(chosen);
  });

  test('of an engine that is too old: says what is needed', () => {
    expect(() => chooseApiVersion({ Version: '19.03.1', ApiVersion: '1.40' })).toThrow(/19\.03\.1.*too old.*20\.10/);
  });
});

describe('create', () => {
  test('a sandbox: network, published ports, host name', () => {
    const ports = [
      { containerPort: 80, protocol: 'tcp', hostPort: 8080, hostIP: '127.0.0.1' },
      { containerPort: 80, protocol: 'tcp', hostPort: 8081, hostIP: '' },
    ] as const;
    expect(toCreateBody({ ...spec, hostname: 'web-0', ports }, 'c1')).toMatchObject({
      Hostname: 'web-0',
      Labels: { app: 'web', 'holdfast.dev/cluster': 'c1' },
      ExposedPorts: { '80/tcp': {} },
      HostConfig: {
        NetworkMode: 'pods',
        RestartPolicy: { Name: 'no' },
        PortBindings: {
          '80/tcp': [
            { HostIp: '127.0.0.1', HostPort: '8080' },
            { HostIp: '', HostPort: '8081' },
          ],
        },
      },
    });
  });

  test('a container: shares the namespaces of its sandbox; limits; mounts', () => {
    const body = toCreateBody(
      {
        ...spec,
        hostname: 'ignored',
        network: { type: 'sandbox', containerId: 'abc' },
        memoryBytes: 1000,
        nanoCpus: 5,
        oomScoreAdj: -997,
        mounts: [
          { type: 'volume', volume: 'v', target: '/v', readOnly: true },
          { type: 'bind', source: '/h', target: '/b', readOnly: false, create: false },
          { type: 'bind', source: '/made', target: '/m', readOnly: true, create: true },
        ],
      },
      'c1',
    );
    expect(body).not.toHaveProperty('Hostname');
    expect(body).toMatchObject({
      HostConfig: {
        NetworkMode: 'container:abc',
        IpcMode: 'container:abc',
        Memory: 1000,
        MemorySwap: 1000,
        NanoCpus: 5,
        OomScoreAdj: -997,
        Mounts: [
          { Type: 'volume', Source: 'v', Target: '/v', ReadOnly: true, VolumeOptions: { NoCopy: true } },
          { Type: 'bind', Source: '/h', Target: '/b', ReadOnly: false },
        ],
        Binds: ['/made:/m:ro'],
      },
    });
  });

  test.each([
    ['neither', {}, {}],
    ['command', { command: ['a', 'b'] }, { Entrypoint: ['a', 'b'] }],
    ['args', { args: ['c'] }, { Cmd: ['c'] }],
    ['both', { command: ['a'], args: ['c'] }, { Entrypoint: ['a'], Cmd: ['c'] }],
    ['empty ones', { command: [], args: [] }, {}],
  ])('command and args as Kubernetes means them: %s', (_name, given, expected) => {
    const { Entrypoint, Cmd } = toCreateBody({ ...spec, ...given }, 'c1') as { Entrypoint?: unknown; Cmd?: unknown };
    expect({ Entrypoint, Cmd }).toEqual({ Entrypoint: undefined, Cmd: undefined, ...expected });
  });
});

describe('what is seen', () => {
  test('times, exit code, edited settings', () => {
    const seen = toSeen({
      Id: 'id',
      Name: '/web',
      Image: 'sha256:1',
      Created: '2026-01-02T03:04:05.678901234Z',
      State: {
        Status: 'exited',
        ExitCode: 137,
        OOMKilled: true,
        StartedAt: '2026-01-02T03:04:06Z',
        FinishedAt: '0001-01-01T00:00:00Z',
      },
      Config: { Image: 'busybox', Labels: null },
      HostConfig: { NetworkMode: 'pods', Memory: 5, RestartPolicy: { Name: 'always' } },
      NetworkSettings: { Networks: { pods: { IPAddress: '' }, added: { IPAddress: '10.0.0.9' } } },
    });
    expect(seen).toMatchObject({
      createdAtMs: Date.parse('2026-01-02T03:04:05.678Z'),
      finishedAtMs: 0,
      isOomKilled: true,
      ip: '',
    });
    expect(seen.settings).toMatchObject({ name: 'web', memoryBytes: 5, restartPolicy: 'always', networks: ['added', 'pods'] });
  });

  test('the address is that of its own network', () => {
    const Networks = { added: { IPAddress: '10.0.0.9' }, pods: { IPAddress: '10.1.0.2' } };
    const body = { State: { Status: 'running' }, HostConfig: { NetworkMode: 'pods' }, NetworkSettings: { Networks } };
    expect(toSeen(body).ip).toBe('10.1.0.2');
  });

  test('an answer without anything is no crash', () => {
    expect(toSeen({})).toMatchObject({ state: 'dead', labels: {}, settings: { restartPolicy: 'no' } });
  });

  test.each([
    ['x86_64', 'amd64'],
    ['aarch64', 'arm64'],
    ['riscv64', 'riscv64'],
  ])('architecture %s', (given, expected) => {
    expect(toInfo({ Architecture: given }, {}).architecture).toBe(expected);
  });

  test.each([
    ['all', { MemoryLimit: true, CPUShares: true }, { memory: true, cpuShares: true, pids: true }],
    ['nothing', { MemoryLimit: false, CPUShares: false, PidsLimit: false }, { memory: false, cpuShares: false, pids: false }],
    ['what is not said', {}, { memory: true, cpuShares: true, pids: true }],
  ])('enforces %s', (_what, body, expected) => {
    expect(toInfo(body, {}).enforces).toEqual(expected);
  });
});

describe('references and volumes', () => {
  test.each([
    ['busybox', { fromImage: 'busybox', tag: 'latest' }],
    ['busybox:1.36', { fromImage: 'busybox', tag: '1.36' }],
    ['reg:5000/a/b', { fromImage: 'reg:5000/a/b', tag: 'latest' }],
    ['reg:5000/a/b:2', { fromImage: 'reg:5000/a/b', tag: '2' }],
    ['a@sha256:00', { fromImage: 'a@sha256:00' }],
  ])('pulls %s', (reference, query) => {
    expect(toPullQuery(reference)).toEqual(query);
  });

  test('splits at the tag, not at the port', () => {
    expect(splitReference('reg:5000/a')).toEqual({ repository: 'reg:5000/a', tag: undefined });
  });

  test.each([
    [false, 0, {}],
    [true, 0, { type: 'tmpfs', device: 'tmpfs', o: 'mode=1777' }],
    [true, 64, { type: 'tmpfs', device: 'tmpfs', o: 'size=64,mode=1777' }],
  ])('volume in memory: %s, %i bytes', (inMemory, sizeBytes, options) => {
    expect(toVolumeBody({ name: 'v', labels: {}, inMemory, sizeBytes }, 'c1')).toMatchObject({
      Driver: 'local',
      DriverOpts: options,
    });
  });
});

describe('networks', () => {
  const addresses = { subnet: '10.244.3.0/24', gateway: '10.244.3.1', dynamic: '10.244.3.248/29' };
  const whole = { name: 'hf-c1', labels: { a: 'b' }, addresses, bridge: 'hf0123456789', isOpen: true };
  const common = { Driver: 'bridge', CheckDuplicate: true };
  const named = { 'com.docker.network.bridge.name': 'hf0123456789' };
  const ipam = { Driver: 'default', Config: [{ Subnet: '10.244.3.0/24', Gateway: '10.244.3.1', IPRange: '10.244.3.248/29' }] };
  const labels = { a: 'b', 'holdfast.dev/cluster': 'c1' };
  test.each([
    [
      'as the engine likes',
      { name: 'n', labels: {} },
      '1.41',
      { Name: 'n', ...common, Labels: { 'holdfast.dev/cluster': 'c1' } },
    ],
    ['before Docker 28', whole, '1.47', { Name: 'hf-c1', ...common, Labels: labels, Options: named, IPAM: ipam }],
    [
      'Docker 28 and later',
      whole,
      '1.48',
      {
        Name: 'hf-c1',
        ...common,
        Labels: labels,
        Options: { ...named, 'com.docker.network.bridge.gateway_mode_ipv4': 'nat-unprotected' },
        IPAM: ipam,
      },
    ],
  ])('%s', (_what, wanted, apiVersion, body) => expect(toNetworkBody(wanted, 'c1', apiVersion)).toEqual(body));

  test('as they are seen', () => {
    const IPAM = { Config: [{ Subnet: 'fd00::/64' }, { Subnet: '172.18.0.0/16', Gateway: '172.18.0.1' }] };
    expect(toNetworkSeen({ Name: 'n', Id: '0123456789abcdef', Driver: 'bridge', IPAM })).toEqual({
      name: 'n',
      labels: {},
      subnets: ['172.18.0.0/16'],
      gateway: '172.18.0.1',
      bridge: 'br-0123456789ab',
    });
    expect(toNetworkSeen({ Name: 'host', Driver: 'host', IPAM: null, Labels: null })).toEqual({
      name: 'host',
      labels: {},
      subnets: [],
      gateway: '',
      bridge: '',
    });
  });
});

describe('failures', () => {
  const systemError = (code: string): Error => Object.assign(new Error(`connect ${code}`), { code });
  test.each([
    [
      'refused',
      systemError('ECONNREFUSED'),
      'Unreachable',
      'no Docker Engine answers at unix:///d.sock (connection refused): is it running?',
    ],
    ['no socket', systemError('ENOENT'), 'Unreachable', '(no such socket)'],
    ['no permission', systemError('EACCES'), 'Unreachable', 'no permission to use unix:///d.sock'],
    ['cut', systemError('ECONNRESET'), 'Unreachable', 'start web: the connection to unix:///d.sock failed'],
    ['several addresses', new AggregateError([systemError('ECONNREFUSED')]), 'Unreachable', 'connection refused'],
    ['404', new RefusedByEngine(404, 'No such container'), 'NotFound', 'start web: No such container'],
    ['409', new RefusedByEngine(409, 'in use'), 'Conflict', 'in use'],
    ['403', new RefusedByEngine(403, 'has active endpoints'), 'Conflict', 'has active endpoints'],
    ['400', new RefusedByEngine(400, 'bad'), 'Invalid', 'bad'],
    ['500', new RefusedByEngine(500, 'oops'), 'Failed', 'oops'],
    ['503', new RefusedByEngine(503, 'busy'), 'Unreachable', 'busy'],
    ['one that is known', new EngineError('ImageUnavailable', 'x'), 'ImageUnavailable', 'x'],
  ] as const)('%s', (_name, error, fault, message) => {
    const mapped = toEngineError(error, 'start web', 'unix:///d.sock');
    expect(mapped.fault).toBe(fault);
    expect(mapped.message).toContain(message);
  });

  test.each([
    [404, 'manifest for x not found: manifest unknown', 'ImageUnavailable'],
    [404, 'pull access denied for x, repository does not exist', 'ImageUnavailable'],
    [500, 'unauthorized: authentication required', 'ImageUnavailable'],
    [undefined, 'no matching manifest for linux/arm64 in the manifest list entries', 'ImageUnavailable'],
    [429, 'toomanyrequests: rate limit', 'Unreachable'],
    [500, 'Get "https://reg/v2/": dial tcp: lookup reg: no such host', 'Unreachable'],
    [500, 'Get "https://reg/v2/": net/http: TLS handshake timeout', 'Unreachable'],
    [undefined, 'unexpected EOF', 'Unreachable'],
    [500, 'received unexpected HTTP status: 503 Service Unavailable', 'Unreachable'],
  ] as const)('pull: %s %s → %s', (status, message, fault) => {
    expect(toPullError('x', status, message).fault).toBe(fault);
  });
});

describe('streams', () => {
  async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  }
  const frame = (stream: number, text: string): Buffer => {
    const header = Buffer.alloc(8);
    header[0] = stream;
    header.writeUInt32BE(Buffer.byteLength(text), 4);
    return Buffer.concat([header, Buffer.from(text)]);
  };

  test.each([1, 3, 8, 1000])('output is told apart, however it is cut (%i bytes)', async (size) => {
    const all = Buffer.concat([frame(1, 'out '), frame(2, 'err '), frame(1, ''), frame(1, 'more')]);
    const got = { stdout: '', stderr: '' };
    for await (const { stream, bytes } of demultiplex(inPieces(all, size))) got[stream] += Buffer.from(bytes).toString();
    expect(got).toEqual({ stdout: 'out more', stderr: 'err ' });
  });

  test.each([1, 2, 1000])('JSON lines, however they are cut (%i bytes)', async (size) => {
    const got: unknown[] = [];
    for await (const line of jsonLines(inPieces(Buffer.from('{"a":"é"}\r\n\n{"b":2}'), size))) got.push(line);
    expect(got).toEqual([{ a: 'é' }, { b: 2 }]);
  });
});

describe('what the engine says of a path', () => {
  test.each([
    [0x0800_01ff, 'symlink', 0o777],
    [0x8000_01ed, 'directory', 0o755],
    [0x8040_01f8, 'directory', 0o2770],
    [0x8010_01ff, 'directory', 0o1777],
    [0x0080_01ed, 'file', 0o4755],
    [0x0420_01b6, 'char-device', 0o666],
    [0x0400_01b0, 'block-device', 0o660],
    [0x0100_01b0, 'socket', 0o660],
    [0x0200_01a4, 'other', 0o644],
    [0x1a4, 'file', 0o644],
  ])('mode %i is a %s with rights %i', (mode, type, rights) => {
    const stat = readStat(Buffer.from(JSON.stringify({ name: 'x', mode, size: 5 })).toString('base64'));
    expect(stat).toEqual({ mode, size: 5 });
    expect([typeOfMode(mode), permissionsOfMode(mode)]).toEqual([type, rights]);
  });
});

test('what is in use of the disk: ours alone, and what could be measured', () => {
  const ours = { 'holdfast.dev/cluster': 'c' };
  const volumes = [
    { Name: 'a', Labels: ours, UsageData: { Size: 7 } },
    { Name: 'empty', Labels: ours, UsageData: { Size: 0 } },
    { Name: 'unknown', Labels: ours, UsageData: { Size: -1 } },
    { Name: 'unmeasured', Labels: ours, UsageData: null },
    { Name: 'foreign', Labels: null, UsageData: { Size: 7 } },
    { Name: 'another', Labels: { 'holdfast.dev/cluster': 'd' }, UsageData: { Size: 7 } },
  ];
  const containers = [
    { Id: '1', Labels: ours, SizeRw: 9 },
    { Id: '2', Labels: ours },
    { Id: '3', SizeRw: 9 },
  ];
  const use = toDiskUse({ Volumes: volumes, Containers: containers }, 'c');
  expect([[...use.volumes], [...use.containers]]).toEqual([
    [
      ['a', 7],
      ['empty', 0],
    ],
    [
      ['1', 9],
      ['2', 0],
    ],
  ]);
  expect(toDiskUse({ Volumes: null, Containers: null }, 'c')).toEqual({ volumes: new Map(), containers: new Map() });
});
