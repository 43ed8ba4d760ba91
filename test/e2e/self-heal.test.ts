// What somebody does behind Git's back is put right, with the reason; what is not ours is left alone.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BUSYBOX, byHand } from '../support/docker.ts';
import { clusterContainers, doubledSlots, inspectContainer, type SeenContainer } from '../support/e2e-engine.ts';
import { deployment, yaml } from '../support/e2e-manifests.ts';
import { type Scene, scene } from '../support/e2e-scene.ts';
import { until } from '../support/e2e-until.ts';

const MEBIBYTE = 1024 * 1024;

interface Target {
  readonly container: SeenContainer;
  readonly sandbox: SeenContainer;
}

interface Damage {
  /** The Deployment that it is done to: one for each, so that no test waits for the back-off of another. */
  readonly name: string;
  readonly what: string;
  readonly act: (target: Target) => Promise<unknown>;
  /** What `why` says of the pod afterwards. */
  readonly reason: RegExp;
}

const post = (path: string, body?: object): Promise<unknown> => byHand('POST', path, body);
const damages: readonly Damage[] = [
  {
    name: 'kill',
    what: 'docker kill',
    act: ({ container }) => post(`/containers/${container.id}/kill`),
    reason: /Started container main/,
  },
  {
    name: 'stop',
    what: 'docker stop',
    act: ({ container }) => post(`/containers/${container.id}/stop?t=2`),
    reason: /Started container main/,
  },
  {
    name: 'remove',
    what: 'docker rm -f',
    act: ({ container }) => byHand('DELETE', `/containers/${container.id}?force=1`),
    reason: /Started container main/,
  },
  {
    name: 'pause',
    what: 'docker pause',
    act: ({ container }) => post(`/containers/${container.id}/pause`),
    reason: /edited by hand \(paused no → yes\)/,
  },
  {
    name: 'update',
    what: 'docker update --memory',
    act: ({ container }) => post(`/containers/${container.id}/update`, { Memory: 64 * MEBIBYTE, MemorySwap: 64 * MEBIBYTE }),
    reason: /edited by hand \(memory 33554432 → 67108864\)/,
  },
  {
    name: 'restart-policy',
    what: 'docker update --restart',
    act: ({ container }) => post(`/containers/${container.id}/update`, { RestartPolicy: { Name: 'always' } }),
    reason: /edited by hand \(restartPolicy no → always\)/,
  },
  {
    name: 'rename',
    what: 'docker rename',
    act: ({ container }) => post(`/containers/${container.id}/rename?name=renamed-${container.id}`),
    reason: /edited by hand \(name .* → renamed-/,
  },
  {
    name: 'disconnect',
    what: 'docker network disconnect',
    act: ({ sandbox }) => post(`/networks/holdfast-${at.cluster}/disconnect`, { Container: sandbox.id, Force: true }),
    reason: /sandbox changed.*edited by hand \(networks /,
  },
  {
    name: 'sandbox-kill',
    what: 'docker kill of the sandbox',
    act: ({ sandbox }) => post(`/containers/${sandbox.id}/kill`),
    reason: /sandbox changed.*exit code 137/,
  },
  {
    name: 'sandbox-restart',
    what: 'docker restart of the sandbox',
    act: ({ sandbox }) => post(`/containers/${sandbox.id}/restart?t=0`),
    reason: /sandbox changed.*(restarted by hand|exit code 137)/,
  },
  {
    name: 'sandbox-remove',
    what: 'docker rm -f of the sandbox',
    act: ({ sandbox }) => byHand('DELETE', `/containers/${sandbox.id}?force=1`),
    reason: /belongs to a sandbox that is gone/,
  },
];

let at: Scene;
let foreign: string;
beforeAll(async () => {
  at = await scene('heal');
  const targets = damages.map(({ name }) =>
    deployment(name, { script: 'httpd -p 8080', container: { resources: { limits: { memory: '32Mi' } } } }),
  );
  const commit = await at.repo.commit({ 'all.yaml': yaml(...targets, deployment('bystander')) }, 'All');
  const [label = '', value = ''] = at.foreignLabel.split('=');
  const body = { Image: BUSYBOX, Cmd: ['sleep', '3600'], Labels: { [label]: value } };
  foreign = ((await post(`/containers/create?name=foreign-${at.cluster}`, body)) as { Id: string }).Id;
  await post(`/containers/${foreign}/start`);
  at.controller();
  await at.untilLive(commit, 60_000);
});
afterAll(async () => {
  await at.close();
});

async function targetOf(name: string): Promise<Target> {
  const all = (await clusterContainers(at.cluster)).filter(({ pod, state }) => pod.startsWith(`${name}-`) && state === 'running');
  const isOfDeployment = ({ pod }: SeenContainer): boolean => pod.split('-').length === name.split('-').length + 2;
  const container = all.find((each) => each.role === 'container' && isOfDeployment(each));
  const sandbox = all.find(({ role, pod }) => role === 'sandbox' && pod === container?.pod);
  if (container === undefined || sandbox === undefined) throw new Error(`nothing of ${name} runs`);
  return { container, sandbox };
}

describe("behind Git's back", () => {
  test.each(damages)('$what is put right, and the reason can be read', { timeout: 60_000 }, async ({ name, act, reason }) => {
    const before = await targetOf(name);
    const others = (await clusterContainers(at.cluster)).filter(({ pod }) => pod !== before.container.pod);
    const stranger = await inspectContainer(foreign);
    await act(before);
    const { container, sandbox } = await until(
      `a new container of ${name} runs`,
      () => targetOf(name),
      (now) => now.container.id !== before.container.id,
    );
    expect(container).toMatchObject({ pod: before.container.pod, memory: 32 * MEBIBYTE, attempt: before.container.attempt + 1 });
    expect(container.labels['holdfast.dev/sandbox']).toBe(sandbox.id);
    const why = async (): Promise<string> => (await at.ask(['why', `pod/${container.pod}`])).stdout;
    await until('the reason can be read, and the pod is well', why, (text) => reason.test(text) && / is healthy/.test(text));
    const now = await clusterContainers(at.cluster);
    expect(now).toEqual(expect.arrayContaining(others));
    expect(doubledSlots(now)).toEqual([]);
    expect(await inspectContainer(foreign)).toEqual(stranger);
  });

  test('a container that is not ours stays as it was left', async () => {
    await post(`/containers/${foreign}/kill`);
    // The controller has seen what came before, once it has put its own right.
    const before = await targetOf('bystander');
    await post(`/containers/${before.container.id}/kill`);
    await until(
      'the own one runs again',
      () => targetOf('bystander'),
      ({ container }) => container.id !== before.container.id,
    );
    expect(await inspectContainer(foreign)).toMatchObject({ id: foreign, state: 'exited' });
  });
});
