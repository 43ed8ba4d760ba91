// How parts of volumes are mounted with engines of any age.
import { expect, test } from 'vitest';
import type { Connection } from '../../src/docker/connection.ts';
import { toEngineMounts } from '../../src/docker/sub-paths.ts';
import type { ContainerSpec, Mount } from '../../src/kubelet/engine/container-engine.ts';
import { plainContainer } from '../support/plain-container.ts';

const scratch = 'a'.repeat(64);
const mountsOfSandbox = [
  { Type: 'volume', Name: scratch, Source: `/var/lib/docker/volumes/${scratch}/_data`, Destination: '/termination' },
];
const termination: Mount = {
  type: 'volume',
  volume: scratch,
  target: '/dev/termination-log',
  readOnly: false,
  subPath: '0',
  isSubPathPlain: true,
};
const specWith = (mounts: readonly Mount[]): ContainerSpec => ({
  name: 'web',
  image: 'busybox:1.36',
  labels: {},
  ...plainContainer,
  mounts,
  network: { type: 'sandbox', containerId: 'sandbox' },
});
const part: Mount = { type: 'volume', volume: 'data', target: '/data', readOnly: false, subPath: 'a/b' };

test.each(['1.41', '1.45'])(
  'API %s: the scratch volume of a sandbox is named by no container, so that it goes with its sandbox',
  async (api) => {
    const connection = { apiVersion: () => Promise.resolve(api) } as unknown as Connection;
    const spec = specWith([termination]);
    const signal = new AbortController().signal;
    expect(await toEngineMounts(connection, spec, () => Promise.resolve(mountsOfSandbox), signal)).toEqual([
      {
        type: 'bind',
        source: `/var/lib/docker/volumes/${scratch}/_data/0`,
        target: '/dev/termination-log',
        readOnly: false,
        create: false,
      },
    ]);
  },
);

test('a new engine finds parts of other volumes itself, safely', async () => {
  const connection = { apiVersion: () => Promise.resolve('1.45') } as unknown as Connection;
  const spec = specWith([part, termination]);
  const signal = new AbortController().signal;
  const mounts = await toEngineMounts(connection, spec, () => Promise.resolve(mountsOfSandbox), signal);
  expect(mounts[0]).toEqual(part);
});
