import { expect, test } from 'vitest';
import type { SeveralApplications } from '../support/several-applications.ts';
import { type Sabotage, severalHistory } from './several.ts';
import { seedsToPlay } from './simulate.ts';

const seeds = seedsToPlay({ SEEDS: '12', ...process.env });

test.each(seeds)('several applications of seed %i wait, are left alone and converge', async (seed) => {
  expect(await severalHistory(seed)).toEqual([]);
});

/** Somebody takes the window out of what is stored for a moment, in which the controller looks, and puts it back. */
const openWindows: Sabotage = async (plane) => {
  for (const application of shut(plane)) {
    const { windows, ...spec } = application.spec;
    await plane.store.write([{ op: 'update', resource: { ...application, spec } }]);
    await plane.clock.settle();
    const now = plane.application(application.metadata.name);
    if (now !== undefined && windows !== undefined)
      await plane.store.write([{ op: 'update', resource: { ...now, spec: { ...now.spec, windows } } }]);
  }
};

function shut({ store }: SeveralApplications) {
  return store
    .list('Application')
    .filter(({ spec, status }) => spec.windows !== undefined && status?.attempt?.phase === 'waiting');
}

/** Containers end with a store that is young. */
const endContainers: Sabotage = ({ store, engine }) => {
  if (store.revision() > YOUNG) return;
  for (const { id, state } of engine.containers()) if (state === 'running') engine.crash(id, 137);
};
const YOUNG = 60;

test.each([
  ['a commit that begins in a window that is shut', openWindows, /began in a window|went live in a window/],
  ['a container that is lost with the store', endContainers, /containers were lost with the store/],
])('%s is seen', async (_name, sabotage, expected) => {
  const seen: string[] = [];
  for (let seed = 1; seed <= 12 && !seen.some((violation) => expected.test(violation)); seed += 1)
    seen.push(...(await severalHistory(seed, sabotage)));
  expect(seen).toContainEqual(expect.stringMatching(expected));
});
