// What a look at all Ingresses costs.
import { expect, test } from 'vitest';
import { findingsOf } from '../../../src/model/ingress/findings.ts';
import type { StoredOf } from '../../../src/model/resource.ts';

test('the table of routes is made once for all Ingresses, and anew when one of them is another', () => {
  let looks = 0;
  const ingress = (name: string): StoredOf<'Ingress'> => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: {
      name,
      namespace: 'shop',
      uid: name,
      resourceVersion: '1',
      generation: 1,
      get creationTimestamp() {
        looks += 1;
        return '2026-01-01T00:00:00Z';
      },
    },
    spec: { rules: [{ host: 'a.example', http: { paths: [{ path: '/', pathType: 'Prefix', backend: {} }] } }] },
  });
  const all = ['a', 'b', 'c', 'd'].map(ingress);
  const lookAtAll = (ingresses: readonly StoredOf<'Ingress'>[]): void => {
    looks = 0;
    for (const each of ingresses)
      findingsOf(each, { ingresses: [...ingresses], classes: [], service: () => undefined, secret: () => undefined });
  };
  lookAtAll(all.slice(0, 1));
  lookAtAll(all);
  const once = looks;
  expect(once).toBeGreaterThan(0);
  expect(once).toBeLessThanOrEqual(2 * 6);
  lookAtAll(all);
  expect(looks).toBe(0);
  lookAtAll([...all.slice(1), ingress('a')]);
  expect(looks).toBeGreaterThan(0);
});
