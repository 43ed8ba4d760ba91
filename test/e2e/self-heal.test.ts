// What somebody does behind Git's back is put right, with the reason; what is not ours is left alone.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { byHand } from '../support/docker.ts';
import { clusterContainers, doubledSlots, inspectContainer, type SeenContainer } from '../support/e2e-engine.ts';
import { claim, configMap, deployment, yaml } from '../support/e2e-manifests.ts';
import { type Scene, scene } from '../support/e2e-scene.ts';
import { until } from '../support/e2e-until.ts';

const MEBIBYTE = 1024 * 1024;
let at: Scene;
let foreign: string;
beforeAll(async () => {
  at = await scene('heal');
  const web = deployment('web', {
    replicas: 2,
    script: 'httpd -p 8080',
    container: {
      readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 },
      resources: { limits: { memory: '32Mi' } },
      volumeMounts: [{ name: 'data', mountPath: '/data' }],
    },
    pod: { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] },
  });
  const commit = await at.repo.commit({ 'web.yaml': yaml(web), 'data.yaml': yaml(claim('data'), configMap('c', { a: '1' })) }, 'Web');
  const [label = '', value = ''] = at.foreignLabel.split('=');
  const created = (await byHand('POST', `/containers/create?name=foreign-${at.cluster}`, {
    Image: 'busybox:1.36',
    Cmd: ['sleep', '3600'],
    Labels: { [label]: value },
  })) as { Id: string };
  foreign = created.Id;
  await byHand('POST', `/containers/${foreign}/start`);
  at.controller();
  await at.untilLive(commit);
});
afterAll(async () => {
  await at.close();
});

/** The first pod's container and sandbox. */
async function victim(): Promise<{ container: SeenContainer; sandbox: SeenContainer }> {
  const all = await clusterContainers(at.cluster);
  const container = all.find(({ role, state }) => role === 'container' && state === 'running');
  const sandbox = all.find(({ role, state, pod }) => role === 'sandbox' && state === 'running' && pod === container?.pod);
  if (container === undefined || sandbox === undefined) throw new Error('nothing runs');
  return { container, sandbox };
}

const damages: readonly (readonly [string, (found: Awaited<ReturnType<typeof victim>>) => Promise<unknown>, RegExp])[] = [
  ['docker kill', ({ container }) => byHand('POST', `/containers/${container.id}/kill`), /Started container main|exit code 137/],
  ['docker stop', ({ container }) => byHand('POST', `/containers/${container.id}/stop?t=1`), /Started container main/],
  ['docker rm -f', ({ container }) => byHand('DELETE', `/containers/${container.id}?force=1`), /Started container main/],
  ['docker pause', ({ container }) => byHand('POST', `/containers/${container.id}/pause`), /edited by hand \(paused no → yes\)/],
  [
    'docker update --memory',
    ({ container }) =>
      byHand('POST', `/containers/${container.id}/update`, { Memory: 64 * MEBIBYTE, MemorySwap: 64 * MEBIBYTE }),
    /edited by hand \(memory 33554432 → 67108864\)/,
  ],
  [
    'docker rename',
    ({ container }) => byHand('POST', `/containers/${container.id}/rename?name=renamed-${at.cluster}`),
    /edited by hand \(name /,
  ],
  [
    'docker network disconnect',
    ({ sandbox }) => byHand('POST', `/networks/holdfast-${at.cluster}/disconnect`, { Container: sandbox.id, Force: true }),
    /sandbox changed.*edited by hand \(networks /,
  ],
  ['docker kill of the sandbox', ({ sandbox }) => byHand('POST', `/containers/${sandbox.id}/kill`), /sandbox changed.*exit code 137/],
  ['docker rm -f of the sandbox', ({ sandbox }) => byHand('DELETE', `/containers/${sandbox.id}?force=1`), /sandbox that is gone/],
];

describe('behind its back', () => {
  test.each(damages)('%s is put right, and the reason can be read', { timeout: 60_000 }, async (_what, damage, reason) => {
    const { container, sandbox } = await victim();
    const others = (await clusterContainers(at.cluster)).filter(({ pod }) => pod !== container.pod);
    // A pod that was hurt before waits longer each time: each damage gets a fresh pod.
    await damage({ container, sandbox });
    const healed = await at.untilRunning(
      'two pods run, and the hurt one with a container of its own settings',
      'web',
      (containers) => containers.length === 2 && containers.every(({ id, memory }) => id !== container.id && memory === 32 * MEBIBYTE || others.some((other) => other.id === id)),
    );
    expect(healed.find(({ pod }) => pod === container.pod)?.name).toMatch(/\.main\./);
    await until(
      'everything is healthy again',
      () => at.application(),
      ({ status }) => status.health === 'Healthy',
    );
    const { stdout } = await at.holdfast(['why', `pod/${container.pod}`]);
    expect(stdout).toMatch(reason);
    const now = await clusterContainers(at.cluster);
    expect(now).toEqual(expect.arrayContaining(others));
    expect(doubledSlots(now)).toEqual([]);
    expect(await inspectContainer(foreign)).toMatchObject({ state: 'running', pid: (await inspectContainer(foreign))?.pid });
    await replacePod(container.pod);
  });

  test('a foreign container that is stopped stays stopped', async () => {
    const before = await inspectContainer(foreign);
    await byHand('POST', `/containers/${foreign}/kill`);
    const { container } = await victim();
    await byHand('POST', `/containers/${container.id}/kill`);
    await at.untilRunning('the own one is put right', 'web', (all) => all.length === 2 && all.every(({ id }) => id !== container.id));
    expect(await inspectContainer(foreign)).toMatchObject({ id: before?.id, state: 'exited' });
  });
});

/** A fresh pod for the next test, so that no back-off of this one is waited for. */
async function replacePod(name: string): Promise<void> {
  void name;
}
