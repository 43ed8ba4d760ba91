// Security contexts as users write them: what the programs may do, seen from the inside and through Docker.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BUSYBOX, byHand } from '../support/docker.ts';
import { type Inside, lookInside } from '../support/e2e-inside.ts';
import { podSpec, yaml } from '../support/e2e-manifests.ts';
import { type Scene, scene } from '../support/e2e-scene.ts';

interface PodOptions {
  readonly pod?: object;
  readonly container?: object;
  readonly image?: string;
  readonly annotations?: object;
}

const aPod = (name: string, { pod = {}, container = {}, image, annotations = {} }: PodOptions): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, labels: { app: name }, annotations },
  spec: {
    ...podSpec({ container: { securityContext: container }, ...(image === undefined ? {} : { image }) }),
    securityContext: pod,
  },
});
/** Lets everything through but mkdir(2) and mkdirat(2). */
const NO_MKDIR = JSON.stringify({
  defaultAction: 'SCMP_ACT_ALLOW',
  syscalls: [{ names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO' }],
});
const status = (name: string): string => `sed -n 's/^${name}:[[:space:]]*//p' /proc/self/status`;
const NET_ADMIN = 12n;
const CHOWN = 0n;
const has = (mask: string, capability: bigint): boolean => ((BigInt(`0x${mask}`) >> capability) & 1n) === 1n;

describe('pods that run', () => {
  let at: Scene;
  let inside: Inside;
  let result: Awaited<ReturnType<Scene['once']>>;

  beforeAll(async () => {
    at = await scene('security');
    const profiles = join(at.dir, 'seccomp');
    await mkdir(join(profiles, 'profiles'), { recursive: true });
    await writeFile(join(profiles, 'profiles', 'no-mkdir.json'), NO_MKDIR);
    await at.repo.commit(
      {
        'pods.yaml': yaml(
          aPod('plain', {}),
          aPod('user', { pod: { runAsUser: 1000, runAsGroup: 3000, fsGroup: 2000, supplementalGroups: [4000, 5000] } }),
          aPod('over', { pod: { runAsUser: 1000 }, container: { runAsUser: 1001, runAsNonRoot: true } }),
          aPod('group', { pod: { runAsGroup: 3000 } }),
          aPod('caps', { container: { capabilities: { add: ['NET_ADMIN'], drop: ['CHOWN'] } } }),
          aPod('dropped', { container: { capabilities: { drop: ['ALL'] }, allowPrivilegeEscalation: false } }),
          aPod('readonly', { container: { readOnlyRootFilesystem: true } }),
          aPod('unconfined', { pod: { seccompProfile: { type: 'Unconfined' } } }),
          aPod('profile', { container: { seccompProfile: { type: 'Localhost', localhostProfile: 'profiles/no-mkdir.json' } } }),
          aPod('sysctl', { pod: { sysctls: [{ name: 'net.ipv4.tcp_fin_timeout', value: '17' }] } }),
          aPod('unsafe', { pod: { sysctls: [{ name: 'kernel.msgmax', value: '9000' }] } }),
          aPod('annotated', { annotations: { 'container.apparmor.security.beta.kubernetes.io/main': 'unconfined' } }),
        ),
      },
      'Pods',
    );
    result = await at.once([
      '--seccomp-profiles',
      profiles,
      '--allowed-unsafe-sysctls',
      'kernel.msg*',
      '--pod-pids-limit',
      '321',
    ]);
    inside = await lookInside(at.cluster);
  }, 120_000);
  afterAll(async () => {
    await at.close();
  });

  test('all of them are live', () =>
    expect({ code: result.exitCode, outcome: result.outcome }).toMatchObject({ code: 0, outcome: { outcome: 'live' } }));

  test('a pod without settings runs as its image says', async () => {
    expect(await inside.run('plain', 'id -u; id -g')).toBe('0\n0');
    expect(await inside.run('plain', status('Seccomp'))).toBe('2');
    expect(await inside.run('plain', status('NoNewPrivs'))).toBe('0');
    expect((await inside.inspect('plain')).HostConfig).toMatchObject({ Privileged: false, CapAdd: null, CapDrop: null });
  });

  test('user, group, fsGroup and supplemental groups', async () => {
    expect(await inside.run('user', 'id -u; id -g')).toBe('1000\n3000');
    expect((await inside.run('user', 'id -G')).split(' ').toSorted()).toEqual(['2000', '3000', '4000', '5000']);
    expect((await inside.inspect('user')).Config).toMatchObject({ User: '1000:3000' });
  });

  test('the container wins over its pod, and a number other than 0 is not root', async () =>
    expect(await inside.run('over', 'id -u')).toBe('1001'));

  test('a group alone goes with the user of the image', async () =>
    expect(await inside.run('group', 'id -u; id -g')).toBe('0\n3000'));

  test('single capabilities are added and taken away', async () => {
    const mask = await inside.run('caps', status('CapEff'));
    expect([has(mask, NET_ADMIN), has(mask, CHOWN)]).toEqual([true, false]);
    expect(await inside.run('caps', 'ip link add name dummy9 type dummy 2>&1; touch /tmp/x; chown 5 /tmp/x 2>&1')).toMatch(
      /Operation not permitted/,
    );
  });

  test('without any capability, and no way to get one', async () => {
    expect(await inside.run('dropped', status('CapEff'))).toMatch(/^0+$/);
    expect(await inside.run('dropped', status('NoNewPrivs'))).toBe('1');
  });

  test('a root file system that is read-only', async () => {
    expect(await inside.run('readonly', 'touch /x 2>&1')).toMatch(/Read-only file system/);
    expect((await inside.inspect('readonly')).HostConfig).toMatchObject({ ReadonlyRootfs: true });
  });

  test('seccomp: none, or a profile of the node', async () => {
    expect(await inside.run('unconfined', status('Seccomp'))).toBe('0');
    expect(await inside.run('profile', `${status('Seccomp')}; mkdir /tmp/x 2>&1`)).toMatch(/^2\nmkdir: .*not permitted/);
  });

  test('kernel parameters: safe ones, and unsafe ones that the node allows', async () => {
    expect(await inside.run('sysctl', 'cat /proc/sys/net/ipv4/tcp_fin_timeout')).toBe('17');
    expect(await inside.run('plain', 'cat /proc/sys/net/ipv4/tcp_fin_timeout')).not.toBe('17');
    expect(await inside.run('unsafe', 'cat /proc/sys/kernel/msgmax')).toBe('9000');
  });

  test('the old annotation for AppArmor', async () =>
    expect((await inside.inspect('annotated')).HostConfig).toMatchObject({ SecurityOpt: ['apparmor=unconfined'] }));

  test('a limit of processes for every container of the node', async () =>
    expect((await inside.inspect('plain')).HostConfig).toMatchObject({ PidsLimit: 321 }));

  test('a second run finds nothing to do, also without the limit', async () => {
    const before = await at.engine();
    const again = await at.once(['--seccomp-profiles', join(at.dir, 'seccomp'), '--allowed-unsafe-sysctls', 'kernel.msg*']);
    expect(again.outcome).toMatchObject({ outcome: 'live', actions: [] });
    expect(await at.engine()).toEqual(before);
  });
});

describe('pods that must not run', () => {
  let at: Scene;
  beforeAll(async () => {
    at = await scene('insecure');
  });
  afterAll(async () => {
    await at.close();
  });

  test.each<[string, PodOptions, RegExp]>([
    [
      'an image of root that must not be',
      { pod: { runAsNonRoot: true } },
      /container has runAsNonRoot and image will run as root \(pod: "bad_default\(/,
    ],
    [
      'a profile that nobody has',
      { container: { seccompProfile: { type: 'Localhost', localhostProfile: 'none.json' } } },
      /cannot load seccomp profile "none\.json".*--seccomp-profiles/,
    ],
    [
      'an unsafe kernel parameter',
      { pod: { sysctls: [{ name: 'net.core.somaxconn', value: '9' }] } },
      /forbidden sysctl: "net\.core\.somaxconn" not allowlisted/,
    ],
    ['user namespaces that the engine has not', { pod: {} }, /hostUsers false needs a Docker Engine with user namespaces/],
  ])('%s: the commit says why', { timeout: 60_000 }, async (what, options, message) => {
    const bad = aPod('bad', options) as { spec: object };
    const spec = what.startsWith('user namespaces') ? { ...bad.spec, hostUsers: false } : bad.spec;
    await at.repo.commit({ 'bad.yaml': yaml({ ...bad, spec }) }, what);
    const { exitCode, outcome } = await at.once(['--timeout', '6s']);
    expect({ exitCode, message: outcome.message }).toEqual({ exitCode: 1, message: expect.stringMatching(message) });
  });

  test('every right, as far as the engine itself has it', { timeout: 60_000 }, async () => {
    await at.repo.commit({ 'bad.yaml': yaml(aPod('mighty', { container: { privileged: true } })) }, 'Mighty');
    const { exitCode } = await at.once(['--timeout', '6s']);
    const made = await lookInside(at.cluster);
    expect((await made.inspect('mighty')).HostConfig).toMatchObject({ Privileged: true });
    const by = (await byHand('POST', `/containers/create?name=${at.cluster}-mighty`, {
      Image: BUSYBOX,
      Cmd: ['true'],
      Labels: { [at.foreignLabel.split('=')[0] ?? '']: at.cluster },
      HostConfig: { Privileged: true, NetworkMode: 'none' },
    })) as { Id: string };
    const canStart = await byHand('POST', `/containers/${by.Id}/start`).then(
      () => true,
      () => false,
    );
    expect(exitCode === 0).toBe(canStart);
  });

  test.each<[string, object, string]>([
    [
      'more rights, and no way to get them',
      { privileged: true, allowPrivilegeEscalation: false },
      'cannot set `allowPrivilegeEscalation` to false and `privileged` to true',
    ],
    ['the user root, and a ban of it', { runAsUser: 0, runAsNonRoot: true }, 'must not be 0 when `runAsNonRoot` is true'],
    ['settings of another system', { windowsOptions: { runAsUserName: 'x' } }, 'Every node runs Linux'],
  ])('%s: refused before anything is touched', { timeout: 60_000 }, async (what, container, message) => {
    await at.repo.commit({ 'bad.yaml': yaml(aPod('bad', { container, image: BUSYBOX })) }, what);
    const { exitCode, outcome } = await at.once();
    expect(exitCode).toBe(1);
    expect(outcome.problems.map((problem) => `${problem.file}: ${problem.message}`).join('\n')).toContain(message);
  });
});
