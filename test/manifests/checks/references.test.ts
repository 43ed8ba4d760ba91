import { expect, test } from 'vitest';
import { checkReferences } from '../../../src/manifests/checks/references.ts';
import { loadText, told } from '../../support/manifest-text.ts';

const shop = 'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n';
const map =
  'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: shop}\ndata: {color: red}\nbinaryData: {icon: eA==}\n';
const secret = 'apiVersion: v1\nkind: Secret\nmetadata: {name: login, namespace: shop}\nstringData: {user: u}\n';
const claim =
  'apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: disk, namespace: shop}\nspec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}\n';
const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: web:1
          envFrom:
            - configMapRef: {name: settings}
            - secretRef: {name: extra, optional: true}
          env:
            - {name: A, valueFrom: {configMapKeyRef: {name: settings, key: color}}}
            - {name: B, valueFrom: {secretKeyRef: {name: login, key: user}}}
            - {name: C, valueFrom: {secretKeyRef: {name: login, key: none, optional: true}}}
      volumes:
        - {name: a, configMap: {name: settings, items: [{key: icon, path: i}]}}
        - {name: b, secret: {secretName: login}}
        - {name: c, persistentVolumeClaim: {claimName: disk}}
`;
const check = (text: string, ...rest: Parameters<typeof checkReferences> extends [unknown, ...infer R] ? R : never): string[] =>
  told({ problems: checkReferences(loadText(text).manifests, ...rest) });

test('a set that stands alone has no missing references', () => {
  expect(check([shop, map, secret, claim, deployment].join('---\n'))).toEqual([]);
});

test('everything that is missing is told at the place that refers to it, keys of missing objects not again', () => {
  expect(check(deployment)).toEqual([
    'error NotFound a.yaml:3:23 metadata.namespace: Namespace "shop" is not declared.',
    'error NotFound a.yaml:13:30 spec.template.spec.containers[0].envFrom[0].configMapRef.name: ConfigMap "settings" is not declared in namespace "shop".',
    'error NotFound a.yaml:17:37 spec.template.spec.containers[0].env[1].valueFrom.secretKeyRef: Secret "login" is not declared in namespace "shop".',
    'error NotFound a.yaml:20:33 spec.template.spec.volumes[0].configMap.name: ConfigMap "settings" is not declared in namespace "shop".',
    'error NotFound a.yaml:21:30 spec.template.spec.volumes[1].secret.secretName: Secret "login" is not declared in namespace "shop".',
    'error NotFound a.yaml:22:45 spec.template.spec.volumes[2].persistentVolumeClaim.claimName: PersistentVolumeClaim "disk" is not declared in namespace "shop".',
  ]);
});

test('missing keys and near misses are told', () => {
  const text = [
    shop,
    map.replace('color', 'colour'),
    secret,
    claim,
    deployment.replace('claimName: disk', 'claimName: disc'),
  ].join('---\n');
  expect(check(text)).toEqual([
    'error NotFound a.yaml:36:37 spec.template.spec.containers[0].env[0].valueFrom.configMapKeyRef: ConfigMap "settings" has no key "color". Did you mean "colour"?',
    'error NotFound a.yaml:42:45 spec.template.spec.volumes[2].persistentVolumeClaim.claimName: PersistentVolumeClaim "disc" is not declared in namespace "shop". Did you mean "disk"?',
  ]);
});

test('what is there already counts, with the keys that are known', () => {
  expect(check(deployment, (kind) => (kind === 'Secret' ? { keys: ['password'] } : {}))).toEqual([
    'error NotFound a.yaml:17:37 spec.template.spec.containers[0].env[1].valueFrom.secretKeyRef: Secret "login" has no key "user".',
  ]);
  const seen: string[] = [];
  check(deployment, (kind, namespace, name) => {
    seen.push(`${kind}/${namespace}/${name}`);
    return {};
  });
  expect([...new Set(seen)]).toEqual([
    'Namespace//shop',
    'ConfigMap/shop/settings',
    'Secret/shop/login',
    'PersistentVolumeClaim/shop/disk',
  ]);
});

test('a manifest that was not read from a file has its references at its first line', () => {
  const [manifest] = loadText(deployment).manifests;
  const bare = manifest === undefined ? [] : [{ resource: manifest.resource, file: 'x', line: 7 }];
  expect(checkReferences(bare)[0]).toMatchObject({ file: 'x', line: 7, column: 1, field: 'metadata.namespace' });
});
