// A real proxy while things change under it: no request is lost, and only what has to be reloaded is.
import { createServer } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { EXIT_NOT_STARTED, EXIT_REFUSED, stopScript } from '../../../src/network/ingress/scripts.ts';
import { selfSignedCertificate } from '../../../src/network/ingress/self-signed.ts';
import { ask, certificateFor, closePods, isOpen, Load, type Pod, startPod } from './backends.ts';
import { anIngress, aService, aSlice, aTlsSecret, rule, type Scene } from './objects.ts';
import { RunningProxy, runScript } from './running-proxy.ts';

let proxy: RunningProxy;
beforeEach(async () => {
  proxy = await RunningProxy.open();
});
afterEach(async () => {
  await proxy.close();
  await closePods();
});

const ingress = anIngress({ rules: [rule('a.example', ['/', 'Prefix', 'web'])] });

function sceneOf(addresses: readonly string[], port: number, ingresses = [ingress], more: Partial<Scene> = {}): Scene {
  return { ingresses, services: [aService('web')], slices: [aSlice('web', addresses, port)], ...more };
}

async function someRequests(load: Load, count: number): Promise<void> {
  const until = load.requests + count;
  while (load.requests < until) await new Promise((resolve) => setImmediate(resolve));
}

test('a proxy is asked until it answers, while it begins and while it is reloaded', async () => {
  const begun = proxy.apply(sceneOf(['127.0.0.1'], 1));
  expect(await proxy.generation()).toBe(0);
  await begun;
  const other = anIngress({ rules: [rule('b.example', ['/', 'Prefix', 'web'])] }, { name: 'other' });
  const reloaded = proxy.apply(sceneOf(['127.0.0.1'], 1, [ingress, other]));
  expect([0, 1]).toContain(await proxy.generation());
  await reloaded;
  expect(await proxy.generation()).toBe(1);
});

test('twenty rolling updates of pods lose no request and reload nothing', async () => {
  let pods: Pod[] = [await startPod('v0-a', '127.0.0.2'), await startPod('v0-b', '127.0.0.3')];
  // All pods have one port, as the Service's targetPort says.
  const port = pods[0]?.port ?? 0;
  await pods[1]?.close();
  pods = [pods[0] as Pod, await startPod('v0-b', '127.0.0.3', port)];
  await proxy.apply(
    sceneOf(
      pods.map(({ address }) => address),
      port,
    ),
  );
  const before = await proxy.generation();
  const load = new Load(proxy.httpPort, 'a.example', 8);
  for (let update = 1; update <= 20; update += 1) {
    for (const index of [0, 1]) {
      const old = pods[index] as Pod;
      const other = pods[1 - index] as Pod;
      const fresh = await startPod(`v${update}-${index}`, `127.0.${update}.${index + 2}`, port);
      // Ready, then the old one terminates, then it is gone.
      await proxy.apply(sceneOf([fresh.address, other.address, old.address], port));
      await proxy.apply(sceneOf([fresh.address, other.address, `${old.address} terminating`], port));
      await someRequests(load, 20);
      await old.close();
      await proxy.apply(sceneOf([fresh.address, other.address], port));
      pods[index] = fresh;
    }
  }
  await someRequests(load, 50);
  await load.stop();
  console.log(
    `rolling updates: ${load.requests} requests, ${load.failures.length} failed, ${proxy.runtimeChanges} changes, ${proxy.reloads - 1} reloads`,
  );
  expect(load.failures).toEqual([]);
  expect([...load.pods]).toEqual(expect.arrayContaining(['v1-0', 'v20-0', 'v20-1']));
  expect([proxy.reloads, await proxy.generation()]).toEqual([1, before]);
});

test('a pod that ends without a word loses no request', async () => {
  const [one] = [await startPod('one', '127.0.0.2')];
  const two = await startPod('two', '127.0.0.3', one.port);
  await proxy.apply(sceneOf(['127.0.0.2', '127.0.0.3'], one.port));
  const load = new Load(proxy.httpPort, 'a.example', 4);
  await someRequests(load, 200);
  await two.close();
  await someRequests(load, 500);
  await load.stop();
  expect(load.failures).toEqual([]);
});

test('changes of the configuration under load lose no request, over TLS or not', async () => {
  const pod = await startPod('web');
  const certificate = (index: number): Scene['secrets'] => {
    const pem = selfSignedCertificate([`cert-${index}.example`], Date.now());
    const at = pem.indexOf('-----BEGIN PRIVATE');
    return [aTlsSecret('cert', pem.slice(0, at), pem.slice(at))];
  };
  const both = anIngress(
    { rules: [rule('a.example', ['/', 'Prefix', 'web'])], tls: [{ hosts: ['a.example'], secretName: 'cert' }] },
    { annotations: { 'nginx.ingress.kubernetes.io/ssl-redirect': 'false' } },
  );
  const extra = (index: number): ReturnType<typeof anIngress> =>
    anIngress({ rules: [rule('b.example', [`/v${index}`, 'Prefix', 'web'])] }, { name: 'extra' });
  await proxy.apply(sceneOf(['127.0.0.1'], pod.port, [both, extra(0)], { secrets: certificate(0) ?? [] }));
  const loads = [new Load(proxy.httpPort, 'a.example', 4), new Load(proxy.httpsPort, 'a.example', 2, true)];
  for (let change = 1; change <= 8; change += 1) {
    const secrets = certificate(change) ?? [];
    expect(await proxy.apply(sceneOf(['127.0.0.1'], pod.port, [both, extra(change)], { secrets }))).toMatchObject({
      exitCode: 0,
    });
    expect((await ask(proxy.httpPort, `b.example/v${change}`)).status).toBe(200);
    expect((await ask(proxy.httpPort, `b.example/v${change - 1}`)).status).toBe(404);
    for (const load of loads) await someRequests(load, 30);
  }
  await Promise.all(loads.map((load) => load.stop()));
  console.log(
    `configuration: ${loads.map(({ requests }) => requests).join(' + ')} requests, ${loads.flatMap(({ failures }) => failures).length} failed, ${proxy.reloads - 1} reloads`,
  );
  expect(loads.flatMap(({ failures }) => failures)).toEqual([]);
  expect(proxy.reloads).toBe(9);
  expect(await certificateFor(proxy.httpsPort, 'a.example')).toBe('cert-8.example');
  // Another certificate alone takes no reload.
  expect(await proxy.apply(sceneOf(['127.0.0.1'], pod.port, [both, extra(8)], { secrets: certificate(9) ?? [] }))).toEqual({
    exitCode: 0,
    output: '',
  });
  expect(await certificateFor(proxy.httpsPort, 'a.example')).toBe('cert-9.example');
  expect(proxy.reloads).toBe(9);
});

test('more pods than places take one reload', async () => {
  const pod = await startPod('web', '127.0.0.2');
  const addresses = Array.from({ length: 9 }, (_, index) => `127.0.0.${index + 2}`);
  await proxy.apply(sceneOf(addresses.slice(0, 1), pod.port));
  await proxy.apply(sceneOf(addresses.slice(0, 4), pod.port));
  expect(proxy.reloads).toBe(1);
  await proxy.apply(sceneOf(addresses, pod.port));
  await proxy.apply(sceneOf(addresses.slice(0, 1), pod.port));
  expect(proxy.reloads).toBe(2);
  expect((await ask(proxy.httpPort, 'a.example/')).told?.pod).toBe('web');
});

test('a killed proxy comes back from its files, with the pods of now', async () => {
  const old = await startPod('old', '127.0.0.2');
  await proxy.apply(sceneOf(['127.0.0.2'], old.port));
  await startPod('new', '127.0.0.3', old.port);
  await proxy.apply(sceneOf(['127.0.0.3'], old.port));
  await proxy.kill();
  await proxy.boot();
  expect((await ask(proxy.httpPort, 'a.example/')).told?.pod).toBe('new');
  expect(proxy.reloads).toBe(1);
});

test('answers for ACME servers come and go without a reload', async () => {
  const pod = await startPod('web');
  const scene = sceneOf(['127.0.0.1'], pod.port);
  await proxy.apply(scene);
  await proxy.apply(scene, { challenges: new Map([['tok-1', 'tok-1.print']]) });
  const url = 'anything.example/.well-known/acme-challenge/tok-1';
  expect(await ask(proxy.httpPort, url)).toMatchObject({ status: 200, body: 'tok-1.print' });
  await proxy.apply(scene);
  expect((await ask(proxy.httpPort, url)).status).toBe(404);
  expect(proxy.reloads).toBe(1);
});

test('a configuration that haproxy refuses changes nothing, and its words are told', async () => {
  const pod = await startPod('web');
  await proxy.apply(sceneOf(['127.0.0.1'], pod.port));
  const broken = anIngress({ rules: [rule('a.example', ['/', 'Prefix', 'web'], ['/(a', 'ImplementationSpecific', 'web'])] });
  // What the planner lets through must be good; so a fault is put in behind it.
  const plan = proxy.plan(sceneOf(['127.0.0.1'], pod.port, [broken]));
  const { applyScript } = await import('../../../src/network/ingress/scripts.ts');
  const bad = { ...plan, revision: 'bad', files: new Map(plan.files).set('haproxy.cfg', 'global\n  no-such-word\n') };
  const result = await runScript(applyScript(bad, proxy.defaultCertificate, proxy.directory, proxy.flag));
  expect(result).toMatchObject({ exitCode: EXIT_REFUSED, output: expect.stringContaining("unknown keyword 'no-such-word'") });
  expect((await ask(proxy.httpPort, 'a.example/')).told?.pod).toBe('web');
  expect((await proxy.state())?.revision).toBe(proxy.plan(sceneOf(['127.0.0.1'], pod.port)).revision);
});

test('a port that another program has is told in words', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(proxy.httpPort, '0.0.0.0', resolve));
  const result = await proxy.tryToApply(sceneOf(['127.0.0.1'], 1));
  expect(result).toEqual({
    exitCode: EXIT_NOT_STARTED,
    output: `port ${proxy.httpPort} of the host is used by another program: end it, or let Ingresses have another port\n`,
  });
  await new Promise((resolve) => other.close(resolve));
});

test('without Ingresses the ports are free', async () => {
  await proxy.apply(sceneOf(['127.0.0.1'], 1));
  expect(await isOpen(proxy.httpPort)).toBe(true);
  await runScript(stopScript(proxy.directory, proxy.flag));
  await proxy.kill();
  // The process that has the port was killed, and is gone soon.
  while (await isOpen(proxy.httpPort)) await new Promise((resolve) => setImmediate(resolve));
  expect(await proxy.state()).toBeUndefined();
});

test('a controller that forgot everything finds what is held, and sends nothing', async () => {
  const pod = await startPod('web');
  const scene = sceneOf(['127.0.0.1', '127.0.0.9 terminating'], pod.port);
  await proxy.apply(scene);
  expect(await proxy.apply(scene)).toEqual({ exitCode: 0, output: '' });
  expect([proxy.reloads, proxy.runtimeChanges]).toEqual([1, 0]);
});
