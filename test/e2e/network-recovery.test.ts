// The network when everything around it goes wrong: a lost store, a dead controller, a container that somebody removed, rules that are gone.
import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hostOfEnvironment } from '../../scripts/engine-api.mjs';
import { NETWORK_IMAGE } from '../../src/node/network-image.ts';
import { byHand } from '../support/docker.ts';
import type { RunningCommand } from '../support/e2e-command.ts';
import { runningContainers } from '../support/e2e-engine.ts';
import { deployment, yaml } from '../support/e2e-manifests.ts';
import { server, service } from '../support/e2e-network.ts';
import { NETWORK, NETWORK_SCENE_MS, networkScene } from '../support/e2e-network-scene.ts';
import { type Scene, scene } from '../support/e2e-scene.ts';
import { until } from '../support/e2e-until.ts';

const run = promisify(execFile);
const client = deployment('client', { image: NETWORK_IMAGE });

interface ServiceSeen {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly clusterIP?: string; readonly ports?: readonly { readonly nodePort?: number }[] };
}

/** What Services have that must never change: addresses and node ports, by name. */
async function allocated(at: Scene): Promise<Readonly<Record<string, string>>> {
  const { stdout } = await at.ask(['get', 'services', '-o', 'json']);
  const { items } = JSON.parse(stdout) as { items: readonly ServiceSeen[] };
  return Object.fromEntries(
    items.map(({ metadata, spec }) => [
      metadata.name,
      [spec.clusterIP ?? '', ...(spec.ports ?? []).map(({ nodePort = 0 }) => nodePort)].join(' '),
    ]),
  );
}

/** What a command in the client prints; with its error output when it fails. Its Deployment may not be known just now. */
async function inside(at: Scene, command: string): Promise<string> {
  const [{ pod } = { pod: '' }] = await runningContainers(at.cluster, 'client-');
  const { stdout, stderr, exitCode } = await at.ask(['exec', pod, '--', 'sh', '-c', command]);
  return exitCode === 0 ? stdout.trim() : `failed: ${stdout}${stderr}`.trim();
}

/** A client that asks all the time, beside the controller. */
async function asking(at: Scene, name: string, url: string): Promise<void> {
  const ask = `timeout 3 wget -qO- ${url} >/dev/null 2>&1 && echo ok >>/tmp/${name} || echo "failed $(date +%T)" >>/tmp/${name}`;
  await inside(
    at,
    `rm -f /tmp/${name} /tmp/${name}.end; (while [ ! -e /tmp/${name}.end ]; do ${ask}; done) >/dev/null 2>&1 </dev/null &`,
  );
}

/** Ends it, and tells what failed of how many. */
async function asked(at: Scene, name: string): Promise<{ readonly failures: string; readonly some: boolean }> {
  const said = await inside(at, `touch /tmp/${name}.end; grep -c ok /tmp/${name}; grep failed /tmp/${name} | tr '\\n' ' '`);
  const [count = '0', failures = ''] = said.split('\n');
  return { failures, some: Number(count) > 20 };
}
const NO_FAILURE = { failures: '', some: true };

/** The containers of pods, by what a restart would change. */
async function programs(at: Scene): Promise<readonly string[]> {
  const { containers } = await at.engine();
  return containers.flatMap(({ name, id, startedAt, role }) =>
    role === 'container' || role === 'sandbox' ? [`${name} ${id} ${startedAt}`] : [],
  );
}

/** What a command in the network container prints. */
async function byHandRead(at: Scene, command: string): Promise<string> {
  const { stdout } = await run('docker', ['exec', `hf.${at.cluster}._network`, 'sh', '-c', command], {
    env: { ...process.env, DOCKER_HOST: hostOfEnvironment() },
  });
  return stdout;
}

async function checkIsRight(at: Scene): Promise<void> {
  const { exitCode, stdout, stderr } = await at.holdfast(['net', 'check']);
  expect({ exitCode, said: exitCode === 0 ? '' : stdout + stderr }).toEqual({ exitCode: 0, said: '' });
}

/** What a cluster has in the kernel: its rules, its ways to other hosts, and those between pods of one bridge. */
const TABLES = ['bridge .fabric', 'ip ', 'ip .fabric'];

/** Takes all tables of the cluster away, and tells which there were. */
async function removeTables({ cluster }: Scene): Promise<readonly string[]> {
  const { stdout } = await run('nft', ['list', 'tables']);
  const found = stdout.split('\n').flatMap((line) => {
    const [, family = '', name = ''] = line.split(' ');
    return name === `hf-${cluster}` || name.startsWith(`hf-${cluster}.`) ? [{ family, name }] : [];
  });
  for (const { family, name } of found) await run('nft', ['delete', 'table', family, name]);
  return found.map(({ family, name }) => `${family} ${name.slice(`hf-${cluster}`.length)}`).toSorted();
}

async function killed(controller: RunningCommand): Promise<void> {
  controller.signal('SIGKILL');
  await controller.ended;
}

/** What the container holds has been the same for some looks. */
async function controllerIsStill(at: Scene): Promise<void> {
  const seen: string[] = [];
  await until(
    'nothing changes in the kernel',
    async () => {
      seen.push((await run('nft', ['list', 'table', 'ip', `hf-${at.cluster}`])).stdout.replaceAll(/expires \S+/g, ''));
      return seen.slice(-30);
    },
    (last) => last.length === 30 && last.every((each) => each === last[0]),
  );
}

describe('a network that is to be kept', () => {
  let at: Scene;
  let controller: RunningCommand;
  const base = {
    'client.yaml': yaml(client),
    'web.yaml': yaml(service('web'), server('web', { replicas: 2 })),
    'db.yaml': yaml(service('db', { clusterIP: 'None' }), server('db', { kind: 'StatefulSet' })),
    'front.yaml': yaml(service('front', { selector: { app: 'web' }, type: 'NodePort' })),
    'spare.yaml': yaml(service('spare', { selector: { app: 'web' } })),
  };

  beforeAll(async () => {
    ({ at, controller } = await networkScene('recovery', base));
  }, NETWORK_SCENE_MS);
  afterAll(async () => {
    await at.close();
  }, NETWORK_SCENE_MS);

  test('a lost store changes no address, and no request fails meanwhile', async () => {
    const before = { services: await allocated(at), programs: await programs(at) };
    const [address = ''] = (before.services['web'] ?? '').split(' ');
    await asking(at, 'by-address', `http://${address}/cgi-bin/who`);
    await asking(at, 'by-name', 'http://web/cgi-bin/who');
    await asking(at, 'headless', 'http://db-0.db:8080/cgi-bin/who');
    await killed(controller);
    await rm(at.dataDir, { recursive: true });
    controller = at.controller();
    await at.untilLive(await at.repo.git('rev-parse', 'HEAD'));
    await until(
      'the network is in line',
      async () => (await at.holdfast(['net', 'check'])).exitCode,
      (code) => code === 0,
    );
    expect(await asked(at, 'by-address')).toEqual(NO_FAILURE);
    expect(await asked(at, 'by-name')).toEqual(NO_FAILURE);
    expect(await asked(at, 'headless')).toEqual(NO_FAILURE);
    expect({ services: await allocated(at), programs: await programs(at) }).toEqual(before);
  });

  test('with a lost store and a commit that is refused, what was programmed stays', async () => {
    const before = { services: await allocated(at), programs: await programs(at) };
    const [address = ''] = (before.services['web'] ?? '').split(' ');
    await asking(at, 'by-address', `http://${address}/cgi-bin/who`);
    await asking(at, 'by-name', 'http://web/cgi-bin/who');
    await killed(controller);
    await rm(at.dataDir, { recursive: true });
    await at.repo.commit({ 'bad.yaml': yaml(service('bad', { sessionAffinity: 'Sometimes' })) }, 'Bad');
    controller = at.controller();
    await until(
      'the commit is refused',
      () => at.application(),
      ({ status }) => status.held !== undefined,
    );
    // As long as it is looked at whether anything changes.
    await controllerIsStill(at);
    const names = await inside(at, 'timeout 3 wget -qO- http://db-0.db:8080/cgi-bin/who');
    expect(names).toMatch(/^db-0 /);
    expect(await asked(at, 'by-address')).toEqual(NO_FAILURE);
    expect(await asked(at, 'by-name')).toEqual(NO_FAILURE);
    const good = await at.repo.commit({ 'bad.yaml': null }, 'Good again');
    await at.untilLive(good);
    await checkIsRight(at);
    expect({ services: await allocated(at), programs: await programs(at) }).toEqual(before);
  });

  test('a Service that comes back by a revert has its address again, and so have all after a rollback', {
    timeout: 180_000,
  }, async () => {
    const before = await allocated(at);
    await at.untilLive(await at.repo.commit({ 'spare.yaml': null, 'front.yaml': null }, 'Without two'));
    expect(Object.keys(await allocated(at))).toEqual(['db', 'web']);
    await at.repo.git('revert', '--no-edit', 'HEAD');
    await at.untilLive(await at.repo.git('rev-parse', 'HEAD'));
    expect(await allocated(at)).toEqual(before);

    const bad = await at.repo.commit(
      {
        'web.yaml': yaml(service('web', { type: 'NodePort' }), server('web', { replicas: 2 })),
        'more.yaml': yaml(
          service('more', { ports: [{ port: 80, targetPort: 8080 }] }),
          deployment('more', {
            container: { readinessProbe: { exec: { command: ['false'] } } },
            spec: { progressDeadlineSeconds: 2 },
          }),
        ),
      },
      'Bad',
    );
    await until(
      'it is rolled back',
      () => at.application(),
      ({ status }) => status.quarantined?.commit.id === bad,
    );
    await until(
      'the Services are as before',
      () => allocated(at),
      (seen) => JSON.stringify(seen) === JSON.stringify(before),
    );
    await at.repo.git('revert', '--no-edit', 'HEAD');
    await at.untilLive(await at.repo.git('rev-parse', 'HEAD'));
    expect(await allocated(at)).toEqual(before);
    await checkIsRight(at);
  });

  test('what a Service may become, and what not', { timeout: 180_000 }, async () => {
    const before = await allocated(at);
    const [address = ''] = (before['web'] ?? '').split(' ');
    const spare = (spec: object): Record<string, string> => ({
      'spare.yaml': yaml(service('spare', { selector: { app: 'web' }, ...spec })),
    });
    const refused = async (files: Record<string, string>): Promise<string> => {
      const engine = await at.engine();
      const bad = await at.repo.commit(files, 'Refused');
      const { status } = await until(
        'it is held',
        () => at.application(),
        (seen) => seen.status.held?.commit.id === bad,
      );
      expect(await at.engine()).toEqual(engine);
      expect(await allocated(at)).toEqual(before);
      await at.repo.git('reset', '--quiet', '--hard', 'HEAD~1');
      return status.held?.message ?? '';
    };
    expect(await refused({ 'taken.yaml': yaml(service('taken', { clusterIP: address })) })).toMatch(
      /taken\.yaml:\d+.*address .* cannot be had: it is in use by service\/web/s,
    );
    expect(await refused(spare({ clusterIP: 'None' }))).toMatch(/spare\.yaml:\d+.*clusterIP/s);
    await at.untilLive(await at.repo.commit(spare({ type: 'NodePort' }), 'A node port'));
    expect((await allocated(at))['spare']).toMatch(new RegExp(`^${(before['spare'] ?? '').split(' ')[0]} 3\\d{4}$`));
    await at.untilLive(await at.repo.commit(base, 'As before'));
    expect(await allocated(at)).toEqual(before);
  });

  test('a container and tables that somebody removed are there again, whole', { timeout: 180_000 }, async () => {
    await byHand('DELETE', `/containers/hf.${at.cluster}._network?force=1`);
    const isRight = async (): Promise<number | null> => (await at.holdfast(['net', 'check'])).exitCode;
    expect(await removeTables(at)).toEqual(TABLES);
    await until('the container is there', isRight, (code) => code === 0, { timeoutMs: 50_000 });
    expect(await removeTables(at)).toEqual(TABLES);
    await until('the tables are there', isRight, (code) => code === 0);
    expect(await inside(at, 'timeout 3 wget -qO- http://web/cgi-bin/who')).toMatch(/^web-/);
  });

  test('killed at any moment of a change, the next controller ends with the right rules and names', {
    timeout: 180_000,
  }, async () => {
    const before = await allocated(at);
    for (let round = 0; round < 6; round += 1) {
      const many = Array.from({ length: 5 }, (_, index) => service(`many-${round}-${index}`, { selector: { app: 'web' } }));
      await at.repo.commit({ 'many.yaml': yaml(...many) }, `Round ${round}`);
      await until(
        'its Services are known',
        () => allocated(at),
        (seen) => seen[`many-${round}-0`] !== undefined,
      );
      await killed(controller);
      controller = at.controller();
    }
    await at.untilLive(await at.repo.git('rev-parse', 'HEAD'));
    await until(
      'all is right',
      async () => (await at.holdfast(['net', 'check'])).exitCode,
      (code) => code === 0,
    );
    expect(await inside(at, 'timeout 3 wget -qO- http://many-5-4/cgi-bin/who')).toMatch(/^web-/);
    expect(await inside(at, 'nslookup -type=a many-0-0.default.svc.cluster.local 2>&1')).toMatch(/NXDOMAIN/);
    await at.untilLive(await at.repo.commit({ 'many.yaml': null }, 'All gone'));
    expect(await allocated(at)).toEqual(before);
    const files = await byHandRead(at, 'ls /state/rules /state/memory');
    expect(files).not.toContain('many');
  });
});

/** The blog is for the client alone. */
const onlyClients = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'blog' },
  spec: {
    podSelector: { matchLabels: { app: 'blog' } },
    ingress: [{ from: [{ podSelector: { matchLabels: { app: 'client' } } }] }],
  },
};

describe('a network of several applications', () => {
  let at: Scene;
  const of = (name: string): readonly string[] => ['--application', name, '--path', name];
  const files = {
    'first/client.yaml': yaml(client),
    'first/web.yaml': yaml(service('web'), server('web')),
    'second/db.yaml': yaml(service('db', { clusterIP: 'None' }), server('db', { kind: 'StatefulSet' })),
    'second/blog.yaml': yaml(service('blog', { type: 'NodePort' }), server('blog', { replicas: 2 }), onlyClients),
  };
  const strangerIsIn = async (): Promise<boolean> => {
    const [{ pod } = { pod: '' }] = await runningContainers(at.cluster, 'web-');
    const { stdout } = await at.holdfast(['exec', pod, '--', 'timeout', '2', 'wget', '-qO-', 'http://blog/cgi-bin/who']);
    return stdout.startsWith('blog-');
  };

  beforeAll(async () => {
    at = await scene('several', { env: NETWORK });
    await at.repo.commit(files, 'All');
    for (const name of ['first', 'second']) expect((await at.once(of(name))).exitCode).toBe(0);
  }, 180_000);
  afterAll(async () => {
    await at.close();
  }, 180_000);

  test('with a lost store, those that nobody applies yet lose no client and no address', { timeout: 180_000 }, async () => {
    const before = { services: await allocated(at), programs: await programs(at) };
    const [address = ''] = (before.services['blog'] ?? '').split(' ');
    expect(await strangerIsIn()).toBe(false);
    await asking(at, 'by-address', `http://${address}/cgi-bin/who`);
    await asking(at, 'by-name', 'http://blog/cgi-bin/who');
    await asking(at, 'headless', 'http://db-0.db:8080/cgi-bin/who');
    await rm(at.dataDir, { recursive: true });
    const first = at.controller(of('first'));
    await at.untilLive(await at.repo.git('rev-parse', 'HEAD'));
    const condition = async (): Promise<string> => (await at.ask(['get', 'nodes', '-o', 'json'])).stdout;
    await until('it is said what is waited for', condition, (text) => text.includes('for at most 30 seconds'));
    // Longer than the others are waited for.
    await until(
      'it is said what is kept',
      condition,
      (text) => text.includes('their NetworkPolicies and the Services that lead to these pods are kept'),
      {
        timeoutMs: 45_000,
      },
    );
    const more = await at.repo.commit({ 'first/more.yaml': yaml(service('more', { selector: { app: 'web' } })) }, 'More');
    await at.untilLive(more);
    await until(
      'what is applied is in line',
      () => inside(at, 'timeout 3 wget -qO- http://more/cgi-bin/who'),
      (said) => said.startsWith('web-'),
    );
    expect(await strangerIsIn()).toBe(false);
    await at.stop(first);

    expect((await at.once(of('second'))).exitCode).toBe(0);
    await checkIsRight(at);
    expect(await strangerIsIn()).toBe(false);
    expect(await condition()).toContain('"NetworkReady"');
    for (const name of ['by-address', 'by-name', 'headless']) expect(await asked(at, name)).toEqual(NO_FAILURE);
    const { more: _more, ...after } = await allocated(at);
    expect({ services: after, programs: await programs(at) }).toEqual(before);
  });
});
