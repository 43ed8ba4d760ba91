// Stories of commits: good ones, bad ones, and how they follow each other.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Stage, shop, withImage } from './stage.ts';
import type { Chapter, Story } from './story.ts';

const untouched = '2 × app:1, untouched';
const rolled = '2 × app:2, never fewer than 2';
const ENCRYPTED = fileURLToPath(new URL('../manifests/sops/fixtures/secret.yaml.txt', import.meta.url));
const DAY_MS = 86_400_000;

const bad = (stage: Stage, image = 'crash:2'): string => stage.push(withImage(image), { as: 'unhealthy' });
const manifest = (apiVersion: string, kind: string, name: string, spec: object): string =>
  JSON.stringify({ apiVersion, kind, metadata: { name }, ...spec });
const aPod = (name: string, spec: object): string =>
  manifest('v1', 'Pod', name, { spec: { containers: [{ name: 'main', image: 'app:1' }], ...spec } });

/** A commit that is refused for one more file than the shop has, and nothing of it is applied. */
function refused(
  name: string,
  when: string,
  file: string,
  told: readonly string[],
  as: 'invalid' | 'refused' = 'refused',
): Story {
  return {
    name,
    when,
    play: async (stage) => {
      const { engine } = stage.world;
      const calls = engine.calls.length;
      await stage.held(stage.push(withImage('app:2'), { as, files: { 'more.yaml': file } }));
      await stage.pass(600_000);
      const changes = engine.calls.slice(calls).filter(({ isWrite, name: call }) => isWrite && call !== 'pull');
      stage.must(changes.length === 0, `the engine was changed: ${changes.map(({ name: call }) => call).join(', ')}`);
    },
    runs: untouched,
    told,
  };
}

const refusals: readonly Story[] = [
  refused(
    'Invalid YAML',
    'A file of the commit cannot be parsed.',
    'kind: [',
    ['more.yaml:1:8 the [ above is not closed with ], or what is inside is not indented'],
    'invalid',
  ),
  refused(
    'A misspelt field',
    'A manifest says `replica` instead of `replicas`.',
    manifest('apps/v1', 'Deployment', 'api', {
      spec: {
        replica: 2,
        selector: { matchLabels: { app: 'api' } },
        template: { metadata: { labels: { app: 'api' } }, spec: { containers: [{ name: 'a', image: 'app:1' }] } },
      },
    }),
    ['more.yaml:1:79 spec.replica: unknown field "replica". Did you mean "replicas"?'],
    'invalid',
  ),
  refused(
    'A kind that does not exist here',
    'A manifest is of a kind that Holdfast does not have.',
    manifest('example.org/v1', 'Database', 'db', { spec: {} }),
    ['kind: Database (example.org/v1) is not supported yet'],
    'invalid',
  ),
  refused(
    'The same object twice',
    'Two files of the commit declare the same ConfigMap.',
    manifest('v1', 'ConfigMap', 'texts', { data: { value: 'other' } }),
    ['configmap/texts is declared twice; first at configmap-texts.yaml:1'],
    'invalid',
  ),
  refused(
    'A secret that cannot be decrypted',
    'A Secret is encrypted for a key that this host does not have.',
    readFileSync(ENCRYPTED, 'utf8'),
    ['and there is none: give --age-key-file FILE or set SOPS_AGE_KEY_FILE'],
    'invalid',
  ),
  refused(
    'A reference to nothing',
    'A pod takes a value from a ConfigMap that nobody has.',
    aPod('extra', { containers: [{ name: 'main', image: 'app:1', envFrom: [{ configMapRef: { name: 'nowhere' } }] }] }),
    ['ConfigMap "nowhere" is not declared in namespace "default".'],
  ),
  refused(
    'No room',
    'A pod asks for more memory than the host has.',
    aPod('extra', { containers: [{ name: 'main', image: 'app:1', resources: { requests: { memory: '900Gi' } } }] }),
    ['pod/extra: Its pod has no place: 0/1 nodes are available: 1 Insufficient memory.'],
  ),
  refused(
    'A port that is taken',
    'A pod wants a host port that another pod of the same commit has.',
    [8080, 8080]
      .map((hostPort, index) =>
        aPod(`extra-${index}`, { containers: [{ name: 'main', image: 'app:1', ports: [{ containerPort: 80, hostPort }] }] }),
      )
      .join('\n---\n'),
    ['Port 8080/TCP of node node-a is taken by pod/extra-0.'],
  ),
  refused(
    'More than the quota allows',
    'A commit brings a quota of one pod and a pod more than that.',
    `${manifest('v1', 'ResourceQuota', 'quota', { spec: { hard: { pods: '1' } } })}\n---\n${aPod('extra', {})}`,
    ['exceeded quota: quota, requested: pods=2, used: pods=0, limited: pods=1'],
  ),
  refused(
    'A privileged pod where none may be',
    'A namespace enforces Pod Security "restricted", and a pod in it wants to be privileged.',
    [
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name: 'strict', labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
      }),
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'extra', namespace: 'strict' },
        spec: { containers: [{ name: 'main', image: 'app:1', securityContext: { privileged: true } }] },
      }),
    ].join('\n---\n'),
    ['violates PodSecurity "restricted:latest": privileged (container "main" must not set securityContext.privileged=true)'],
  ),
];

export const commitStories: Chapter = {
  title: 'Commits',
  stories: [
    ...refusals,
    {
      name: 'No room for as long as a Job runs',
      when: 'A pod asks for more memory than is left beside a Job, which ends a minute later.',
      play: async (stage) => {
        const main = { name: 'main', resources: { requests: { memory: '5Gi' } } };
        const job = manifest('batch/v1', 'Job', 'report', {
          spec: { template: { spec: { restartPolicy: 'Never', containers: [{ ...main, image: 'long:1' }] } } },
        });
        stage.world.engine.learn('long:1');
        stage.push(shop, { files: { 'job.yaml': job } });
        await stage.until('the Job runs', () => stage.world.store.list('Job').some(({ status }) => status?.active === 1));
        stage.mishap();
        const extra = aPod('extra', { containers: [{ ...main, image: 'app:1' }] });
        await stage.live(stage.push(shop, { files: { 'job.yaml': job, 'more.yaml': extra } }));
      },
      runs: untouched,
      told: ['waits for job/report: 0 of 1 succeeded, 1 active'],
    },
    {
      name: 'A quota that goes with what it forbids',
      when: 'A commit takes a quota away and brings more pods than that quota allows.',
      play: async (stage) => {
        const quota = manifest('v1', 'ResourceQuota', 'quota', { spec: { hard: { pods: '3' } } });
        await stage.live(stage.push(shop, { files: { 'quota.yaml': quota } }));
        stage.mishap();
        await stage.live(stage.push(withImage('app:1', { replicas: 5 }), { allowsPrune: true }));
      },
      runs: '5 × app:1, never fewer than 2',
      told: [],
    },
    {
      name: 'A bad commit, then a good one',
      when: 'A commit crashes and is rolled back; the next one is well.',
      play: async (stage) => {
        await stage.held(bad(stage));
        await stage.live(stage.push(withImage('app:2')));
      },
      runs: rolled,
      told: ['is not live (rolled-back', 'it cannot become healthy: deployment/web', 'CrashLoopBackOff after 3 restarts'],
    },
    {
      name: 'A good commit while a bad one is being taken back',
      when: 'A commit crashes, and its mending is pushed before the rollback has ended.',
      play: async (stage) => {
        const id = bad(stage);
        await stage.phase(id, 'rolling-back', () => undefined);
        await stage.live(stage.push(withImage('app:2')));
      },
      runs: rolled,
      told: ['it cannot become healthy'],
    },
    {
      name: 'A bad commit twice',
      when: 'The same mistake is pushed again in another commit.',
      play: async (stage) => {
        await stage.held(bad(stage));
        const again = bad(stage, 'crash:3');
        await stage.held(again);
        stage.must(stage.status.history?.filter(({ outcome }) => outcome === 'rolled-back').length === 2, 'not twice');
      },
      runs: untouched,
      told: ['is not live (rolled-back', 'it is not tried again until HEAD moves'],
    },
    {
      name: 'A bad commit that nobody mends',
      when: 'A commit crashes and stays at HEAD for a day.',
      play: async (stage) => {
        await stage.held(bad(stage));
        await stage.rest();
        const { writes } = stage.world.engine;
        await stage.pass(DAY_MS);
        stage.must(stage.world.engine.writes === writes, 'it was tried again');
      },
      runs: untouched,
      told: ['it is not tried again until HEAD moves'],
    },
    {
      name: 'A bad commit that is reverted',
      when: 'A commit crashes, and a revert of it is pushed.',
      play: async (stage) => {
        await stage.held(bad(stage));
        await stage.live(stage.push(shop));
      },
      runs: untouched,
      told: ['is not live (rolled-back'],
    },
    {
      name: 'The first commit of all is bad',
      when: 'What the very first commit asks for crashes; then it is mended.',
      isFromNothing: true,
      play: async (stage) => {
        const id = bad(stage);
        stage.world.start();
        await stage.held(id);
        await stage.live(stage.push(withImage('app:3')));
      },
      runs: '2 × app:3',
      told: ['is not live (failed'],
    },
    {
      name: 'A field that nobody may change',
      when: 'A commit changes a ConfigMap that says of itself that it is immutable.',
      play: async (stage) => {
        const fixed = (text: string): Record<string, string> => ({
          'fixed.yaml': manifest('v1', 'ConfigMap', 'fixed', { immutable: true, data: { a: text } }),
        });
        await stage.live(stage.push(shop, { files: fixed('b') }));
        await stage.held(stage.push(withImage('app:2'), { as: 'refused', files: fixed('c') }));
      },
      runs: untouched,
      told: ['the ConfigMap is immutable; give the changed one another name and refer to that'],
    },
    {
      name: 'A downgrade while an upgrade is stuck',
      when: 'A commit never becomes ready, and its author goes back to the old image before the time is over.',
      play: async (stage) => {
        const id = bad(stage, 'never:2');
        await stage.phase(id, 'verifying', () => undefined);
        await stage.pass(60_000);
        await stage.live(stage.push(shop));
      },
      runs: untouched,
      told: ['Readiness probe failed: connection refused'],
    },
    {
      name: 'A rollback of a commit with a deletion',
      when: 'A commit crashes and also took a ConfigMap away.',
      play: async (stage) => {
        await stage.live(stage.push({ ...shop, configMaps: { texts: 'hello', more: 'here' } }));
        await stage.held(stage.push({ ...withImage('crash:2'), configMaps: { texts: 'hello' } }, { as: 'unhealthy' }));
        stage.must(stage.world.store.get('ConfigMap', 'default', 'more') !== undefined, 'the ConfigMap is gone');
      },
      runs: untouched,
      told: ['is not live (rolled-back'],
    },
    {
      name: 'A rollback of a changed ConfigMap',
      when: 'A commit changes a ConfigMap and brings a program that crashes.',
      play: async (stage) => {
        await stage.held(stage.push({ ...withImage('crash:2'), configMaps: { texts: 'bye' } }, { as: 'unhealthy' }));
        stage.must(stage.world.store.get('ConfigMap', 'default', 'texts')?.data?.['value'] === 'hello', 'the text stayed');
      },
      runs: untouched,
      told: ['is not live (rolled-back'],
    },
    {
      name: 'A commit that its own health check calls failed',
      when: 'All pods of a commit run, and are fewer than the check that it brings asks for.',
      play: async (stage) => {
        const check = {
          apiVersion: 'apps/v1',
          kind: 'Deployment',
          name: 'web',
          current: 'status.availableReplicas >= 3',
          failed: 'status.?updatedReplicas.orValue(0) == spec.replicas && spec.replicas < 3',
          message: 'a quorum needs three pods',
        };
        const files = {
          'shop.yaml': manifest('holdfast.dev/v1', 'Application', 'shop', { spec: { healthCheckExprs: [check] } }),
        };
        await stage.held(stage.push(withImage('app:2'), { as: 'unhealthy', files }));
        await stage.live(stage.push(withImage('app:3', { replicas: 3 }), { files }));
      },
      runs: '3 × app:3, never fewer than 2',
      told: ['is not live (rolled-back', 'it cannot become healthy: deployment/web: a quorum needs three pods'],
    },
    {
      name: 'A commit that brings too much at once',
      when: 'Replicas go from two to forty; the host has room for fewer than that.',
      play: async (stage) => {
        const extras = { milliCpus: 500 };
        await stage.held(stage.push(withImage('app:1', { replicas: 40, extras }), { as: 'refused' }));
      },
      runs: untouched,
      told: ['have no place'],
    },
  ],
};
