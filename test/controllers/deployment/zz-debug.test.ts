import { test } from 'vitest';
import { worldOf, act, counts, isShrinking } from './rollout.property.test.ts';
test('debug', async () => {
  const given: any = JSON.parse(process.env['GIVEN'] ?? '');
  const world = await worldOf(given);
  const show = () => world.store.list('ReplicaSet').map((s) => `${s.spec.template?.spec.containers[0].image}:${s.spec.replicas}/st${s.status?.replicas}a${s.status?.availableReplicas} [${world.store.listOwned('Pod', s.metadata.uid).map((p) => (p.metadata.deletionTimestamp ? 'T' : '') + (p.status?.phase ?? '-')[0] + (p.status?.conditions?.[0]?.status?.[0] ?? '')).join(' ')}]`).join('  ');
  console.log('start', show());
  for (const step of given.steps) {
    if (step.do === 'scale') continue;
    if (['finish', 'flip'].includes(step.do) && isShrinking(world)) { console.log('skip', step.do); continue; }
    await act(world, step);
    console.log(JSON.stringify(step), JSON.stringify(counts(world)), show());
  }
});
