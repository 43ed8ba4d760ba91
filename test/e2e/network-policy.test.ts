// NetworkPolicies as people write them, seen from inside the pods: who reaches whom, before, with and after.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NETWORK_IMAGE } from '../../src/node/network-image.ts';
import { runningContainers } from '../support/e2e-engine.ts';
import { deployment, yaml } from '../support/e2e-manifests.ts';
import { server, service } from '../support/e2e-network.ts';
import { NETWORK_SCENE_MS, networkScene } from '../support/e2e-network-scene.ts';
import type { Scene } from '../support/e2e-scene.ts';
import { until } from '../support/e2e-until.ts';

/** In a namespace of its own. */
function within(namespace: string, manifest: object): object {
  const { metadata } = manifest as { metadata: object };
  return { ...manifest, metadata: { ...metadata, namespace } };
}

const client = (name: string): object => deployment(name, { image: NETWORK_IMAGE });
const served = (name: string): readonly object[] => [service(name), server(name)];
const namespace = (name: string, labels: object): object => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });

const world = {
  'namespaces.yaml': yaml(namespace('ops', { team: 'ops' }), namespace('vault', { team: 'safe' })),
  'servers.yaml': yaml(
    ...served('open'),
    ...served('api'),
    ...served('lan'),
    ...served('wan'),
    ...served('secret').map((each) => within('vault', each)),
  ),
  'clients.yaml': yaml(
    client('friend'),
    client('stranger'),
    client('boxed'),
    ...['monitor', 'other'].map((name) => within('ops', client(name))),
    within('vault', client('inmate')),
  ),
};

const POLICIES = `
# Nothing goes in or out.
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: default-deny, namespace: vault }
spec:
  podSelector: {}
  policyTypes: [Ingress, Egress]
---
# By label, by namespace and label, on a port that has a name.
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: api }
spec:
  podSelector: { matchLabels: { app: api } }
  ingress:
    - from:
        - podSelector: { matchLabels: { app: friend } }
        - namespaceSelector: { matchLabels: { team: ops } }
          podSelector: { matchLabels: { app: monitor } }
      ports:
        - { port: http }
---
# Out to names and to one application.
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: boxed }
spec:
  podSelector: { matchLabels: { app: boxed } }
  policyTypes: [Egress]
  egress:
    - ports:
        - { port: 53, protocol: UDP }
        - { port: 53, protocol: TCP }
    - to:
        - podSelector: { matchLabels: { app: open } }
      ports:
        - { port: 8080 }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: lan }
spec:
  podSelector: { matchLabels: { app: lan } }
  ingress:
    - from:
        - ipBlock: { cidr: 10.0.0.0/8 }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: wan }
spec:
  podSelector: { matchLabels: { app: wan } }
  ingress:
    - from:
        - ipBlock: { cidr: 0.0.0.0/0, except: [10.0.0.0/8] }
`;

const SERVERS = ['open.default', 'api.default', 'lan.default', 'wan.default', 'secret.vault'] as const;
const CLIENTS = ['friend', 'stranger', 'boxed', 'monitor', 'other', 'inmate'] as const;
type Matrix = Readonly<Record<string, string>>;

const EVERYWHERE: Matrix = Object.fromEntries(CLIENTS.map((name) => [name, 'open api lan wan secret']));
const RESTRICTED: Matrix = {
  friend: 'open api lan',
  stranger: 'open lan',
  boxed: 'open',
  monitor: 'open api lan',
  other: 'open lan',
  inmate: '',
};

describe('NetworkPolicies', () => {
  let at: Scene;

  /** The servers that a client reaches. */
  async function reached(name: string): Promise<string> {
    const namespaceOf = name === 'inmate' ? 'vault' : ['monitor', 'other'].includes(name) ? 'ops' : 'default';
    const ask = SERVERS.map(
      (host) => `(timeout 2 wget -qO- http://${host}/cgi-bin/who >/dev/null 2>&1 && echo ${host.split('.')[0]}) &`,
    ).join('\n');
    const { stdout } = await at.ask(['exec', '-n', namespaceOf, `deploy/${name}`, '--', 'sh', '-c', `${ask}\nwait`]);
    const said = stdout.split('\n');
    return SERVERS.map((host) => host.split('.')[0] ?? '')
      .filter((host) => said.includes(host))
      .join(' ');
  }
  const matrix = async (): Promise<Matrix> =>
    Object.fromEntries(await Promise.all(CLIENTS.map(async (name) => [name, await reached(name)] as const)));

  beforeAll(async () => {
    ({ at } = await networkScene('policies', world));
  }, NETWORK_SCENE_MS);
  afterAll(async () => {
    await at.close();
  }, NETWORK_SCENE_MS);

  test('without any, everybody reaches everybody', async () => {
    await until('all are open', matrix, (seen) => JSON.stringify(seen) === JSON.stringify(EVERYWHERE));
  });

  test('each lets through what it says and nothing else, and is taken back whole', { timeout: 180_000 }, async () => {
    const before = await runningContainers(at.cluster);
    await at.untilLive(await at.repo.commit({ 'policies.yaml': POLICIES }, 'Policies'));
    await until(
      'the policies are in force',
      () => reached('inmate'),
      (seen) => seen === '',
    );
    expect(await matrix()).toEqual(RESTRICTED);
    await at.untilLive(await at.repo.commit({ 'policies.yaml': null }, 'No policies again'));
    await until('all are open', matrix, (seen) => JSON.stringify(seen) === JSON.stringify(EVERYWHERE));
    expect(await runningContainers(at.cluster)).toEqual(before);
  });

  test('a pod that comes later is never open before its policy is known', async () => {
    await at.untilLive(await at.repo.commit({ 'policies.yaml': POLICIES }, 'Policies'));
    const ask =
      'n=0; while [ $n -lt 6 ]; do timeout 1 wget -qO- http://open.default/cgi-bin/who && echo reached; n=$((n+1)); usleep 50000; done >/tmp/said 2>&1; echo done >>/tmp/said';
    const late = within('vault', deployment('late', { image: NETWORK_IMAGE, script: ask }));
    await at.untilLive(await at.repo.commit({ 'late.yaml': yaml(late) }, 'Another pod'));
    const said = async (): Promise<string> =>
      (await at.ask(['exec', '-n', 'vault', 'deploy/late', '--', 'cat', '/tmp/said'])).stdout;
    expect(await until('it has asked', said, (text) => text.includes('done'))).not.toContain('reached');
  });
});
