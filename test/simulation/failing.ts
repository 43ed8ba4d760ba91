// Commits that must not be applied, each for another reason, on top of any good state: with them comes much that would change if they were.
import type { Dice } from './dice.ts';
import { filesOf } from './manifests.ts';
import type { SimulatedCommit, Wishes } from './wishes.ts';

type Files = Readonly<Record<string, string>>;

/** One reason for which a commit fails; `files` are those of the good state that it is pushed with. */
export interface Way {
  readonly name: string;
  readonly class: 'invalid' | 'refused';
  readonly spoil: (files: Files, dice: Dice) => Files;
  /** An image that no registry has. */
  readonly missing?: string;
}

const manifest = (apiVersion: string, kind: string, name: string, rest: object): string =>
  JSON.stringify({ apiVersion, kind, metadata: { name }, ...rest });
const aPod = (name: string, spec: object, container: object = {}): string =>
  manifest('v1', 'Pod', name, {
    spec: { ...spec, containers: [{ name: 'main', image: 'extra:1', imagePullPolicy: 'IfNotPresent', ...container }] },
  });
const withFile = (name: string, theClass: Way['class'], text: string): Way => ({
  name,
  class: theClass,
  spoil: (files) => ({ ...files, 'zz-extra.yaml': text }),
});
const strict = {
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: 'strict', labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
};

export const ways: readonly [Way, ...Way[]] = [
  withFile('a file that is no YAML', 'invalid', 'kind: ['),
  withFile('a field that is misspelt', 'invalid', aPod('extra', { restrtPolicy: 'Never' })),
  withFile('a kind that is not supported', 'invalid', manifest('example.org/v1', 'Database', 'extra', { spec: {} })),
  withFile('a pod without containers', 'invalid', manifest('v1', 'Pod', 'extra', { spec: { containers: [] } })),
  {
    name: 'the same object twice',
    class: 'invalid',
    spoil: (files, dice) => {
      const path = dice.pick(Object.keys(files)) ?? '';
      return { ...files, 'zz-extra.yaml': files[path] ?? '' };
    },
  },
  {
    name: 'a file that is cut in the middle',
    class: 'invalid',
    spoil: (files, dice) => {
      const path = dice.pick(Object.keys(files)) ?? '';
      const text = files[path] ?? '';
      return { ...files, [path]: text.slice(0, dice.between(10, text.length - 2)) };
    },
  },
  { name: 'no manifest at all', class: 'refused', spoil: () => ({ 'README.md': 'nothing' }) },
  { ...withFile('an image that nobody has', 'refused', aPod('extra', {}, { image: 'gone:1' })), missing: 'gone:1' },
  withFile('more memory than the node has', 'refused', aPod('extra', {}, { resources: { requests: { memory: '900Gi' } } })),
  withFile('more CPUs than the node has', 'refused', aPod('extra', {}, { resources: { requests: { cpu: '64' } } })),
  withFile('a node that is not there', 'refused', aPod('extra', { nodeSelector: { disk: 'golden' } })),
  withFile(
    'a host port for two',
    'refused',
    ['extra-0', 'extra-1'].map((name) => aPod(name, {}, { ports: [{ containerPort: 80, hostPort: 8080 }] })).join('\n---\n'),
  ),
  withFile('a missing ConfigMap', 'refused', aPod('extra', {}, { envFrom: [{ configMapRef: { name: 'nowhere' } }] })),
  withFile('a missing Secret', 'refused', aPod('extra', { volumes: [{ name: 'a', secret: { secretName: 'nowhere' } }] })),
  withFile(
    'a missing claim',
    'refused',
    aPod('extra', { volumes: [{ name: 'a', persistentVolumeClaim: { claimName: 'nowhere' } }] }),
  ),
  withFile('a missing account', 'refused', aPod('extra', { serviceAccountName: 'nowhere' })),
  withFile('a missing class of priority', 'refused', aPod('extra', { priorityClassName: 'nowhere' })),
  withFile(
    'a namespace that is nowhere',
    'refused',
    JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'extra', namespace: 'nowhere' } }),
  ),
  withFile(
    'a quota that is too small',
    'refused',
    `${manifest('v1', 'ResourceQuota', 'extra', { spec: { hard: { pods: '0' } } })}\n---\n${aPod('extra', {})}`,
  ),
  withFile(
    'a pod that Pod Security forbids',
    'refused',
    [
      JSON.stringify(strict),
      JSON.stringify({
        ...JSON.parse(aPod('extra', {}, { securityContext: { privileged: true } })),
        metadata: { name: 'extra', namespace: 'strict' },
      }),
    ].join('\n---\n'),
  ),
  {
    name: 'almost everything taken away',
    class: 'refused',
    spoil: () => ({ 'only.yaml': manifest('v1', 'ConfigMap', 'only', { data: { a: 'b' } }) }),
  },
];

/** A commit that fails in one way; without that it would be a good one that changes the state to these wishes. */
export function failing(way: Way, wishes: Wishes, dice: Dice): SimulatedCommit {
  // Its message does not allow to delete much.
  return { class: way.class, wishes, files: way.spoil(filesOf(wishes), dice), about: 'nothing in it' };
}
