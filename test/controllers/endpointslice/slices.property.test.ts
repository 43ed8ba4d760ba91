// What holds of the slices of a Service, whatever happens to its pods.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { MAX_ENDPOINTS_PER_SLICE } from '../../../src/controllers/endpointslice/plan.ts';
import type { StoredOf } from '../../../src/model/resource.ts';
import { aService, aServingPod, SliceWorld } from './services.ts';

const PODS = 330;

/** Pods by number: which are there, which are ready, and which of two numbers they give the name of the port. */
const pods = fc
  .uniqueArray(fc.record({ id: fc.nat(PODS - 1), isReady: fc.boolean(), isOther: fc.boolean() }), {
    selector: ({ id }) => id,
    maxLength: PODS,
    size: 'max',
  })
  .map((all) =>
    all.map(({ id, isReady, isOther }) =>
      aServingPod(`p${id}`, `10.244.${Math.floor(id / 250)}.${id % 250}`, {
        container: { ports: [{ name: 'web', containerPort: isOther ? 9090 : 8080 }] },
        ...(isReady ? {} : { status: { conditions: [] } }),
      }),
    ),
  );

const service = aService({ spec: { ports: [{ name: 'http', port: 80, targetPort: 'web' }] } });

function portOf(pod: StoredOf<'Pod'>): number {
  return pod.spec.containers[0].ports?.[0]?.containerPort ?? 0;
}

test('every pod is in exactly one slice, that of its ports, and no slice is too long', () => {
  fc.assert(
    fc.property(fc.array(pods, { minLength: 1, maxLength: 4 }), (history) => {
      const world = new SliceWorld();
      for (const now of history) {
        const before = world.slices;
        const actions = world.plan(service, now);
        const seen = world.slices.flatMap(({ ports, endpoints = [] }) =>
          endpoints.map(({ targetRef, conditions }) => [targetRef?.name, ports?.[0]?.port, conditions?.ready]),
        );
        const wanted = now.map((pod) => [pod.metadata.name, portOf(pod), pod.status?.conditions?.length === 1]);
        expect(new Map(seen.map((one) => [one.join(), one]))).toEqual(new Map(wanted.map((one) => [one.join(), one])));
        expect(seen).toHaveLength(wanted.length);
        for (const { endpoints = [] } of world.slices) expect(endpoints.length).toBeLessThanOrEqual(MAX_ENDPOINTS_PER_SLICE);
        expect(world.slices.filter(({ endpoints = [] }) => endpoints.length === 0)).toHaveLength(now.length === 0 ? 1 : 0);
        // A slice whose pods are the same is not written unless new ones go into it, which takes one slice of each set of ports.
        const same = before.filter(({ endpoints = [], ports }) =>
          endpoints.every((one) =>
            wanted.some((pod) => pod.join() === [one.targetRef?.name, ports?.[0]?.port, one.conditions?.ready].join()),
          ),
        );
        const rewritten = actions.filter(
          (action) => action.type === 'update' && same.some(({ metadata }) => metadata.name === action.resource.metadata.name),
        );
        expect(rewritten.length).toBeLessThanOrEqual(2);
        expect(world.plan(service, now)).toEqual([]);
      }
    }),
    { numRuns: 40 },
  );
});
