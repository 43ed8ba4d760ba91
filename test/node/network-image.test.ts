// How the image of the network container gets onto an engine: each way, and what is said when there is none.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { callEngine, hostOfEnvironment } from '../../scripts/engine-api.mjs';
import { NETWORK_IMAGE as TEST_IMAGE } from '../../scripts/network-image.mjs';
import { NetworkUnavailable } from '../../src/network/agent/agent.ts';
import { ensureNetworkImage, NETWORK_IMAGE, type NetworkImage } from '../../src/node/network-image.ts';
import { BUSYBOX, byHand, ensureBusybox, testDockerHost, uniqueCluster } from '../support/docker.ts';

const signal = new AbortController().signal;
const reference = `${uniqueCluster('image')}:1`;
const made = new Set<string>([reference]);
let folder: string;
let architecture: string;

/** A script in the place of the one that collects the programs. */
const collecting = async (text: string, of = architecture): Promise<{ script: string; architecture: string }> => {
  const script = join(folder, 'collect.sh');
  await writeFile(script, text);
  return { script, architecture: of };
};
const ensure = async (source: string | undefined, text = 'exit 1', of = architecture): Promise<NetworkImage> => {
  const collect = await collecting(text, of);
  const image = await ensureNetworkImage({ host: testDockerHost(), architecture, source, reference, collect }, signal);
  made.add(image.reference);
  return image;
};
const failure = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => new Error('the call succeeded'),
    (error: unknown) => error,
  );
/** What a container of the image has in a file. */
const contentOf = async (image: string, path: string): Promise<string> => {
  const { Id } = (await byHand('POST', '/containers/create', { Image: image, Cmd: ['x'] })) as { Id: string };
  const { body } = await callEngine(hostOfEnvironment(), 'GET', `/containers/${Id}/archive?path=${path}`);
  await byHand('DELETE', `/containers/${Id}`);
  const [header, content] = [body.subarray(0, 512), body.subarray(512)];
  const length = Number.parseInt(header.subarray(124, 135).toString(), 8);
  return `${header.subarray(100, 107).toString()} ${header.subarray(108, 115).toString()} ${content.subarray(0, length).toString()}`;
};
const COLLECT = 'mkdir -p "$1/bin"; echo tool >"$1/bin/tool"; chmod 751 "$1/bin/tool"; ln -s tool "$1/bin/link"';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'network-image-'));
  await ensureBusybox();
  architecture = ((await byHand('GET', '/version')) as { Arch: string }).Arch;
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  for (const image of made) await callEngine(hostOfEnvironment(), 'DELETE', `/images/${image}?force=1`);
});

test('tests have the image that the product looks for', () => {
  expect(TEST_IMAGE).toBe(NETWORK_IMAGE);
});

describe('without a word of the user', () => {
  test.each([
    [
      'programs are missing',
      'echo "missing programs: nft (Debian packages: nftables)" >&2; exit 3',
      'nft (Debian packages: nftables)',
    ],
    ['it cannot be copied', 'echo "No space left" >&2; exit 1', 'its files cannot be copied from this machine: No space left'],
  ])('%s: an error that says what would help', async (_name, script, words) => {
    const error = await failure(ensure('', script));
    expect(error).toBeInstanceOf(NetworkUnavailable);
    expect(String(error)).toContain(words);
    expect(String(error)).toContain('HOLDFAST_NETWORK_IMAGE');
  });

  test('this machine is another than the engine', async () => {
    expect(String(await failure(ensure(undefined, COLLECT, 'other')))).toContain(
      `linux/other and the engine linux/${architecture}`,
    );
  });

  test('it is put together here, once', async () => {
    expect(await ensure(' ', COLLECT)).toEqual({ reference, how: 'put together from the programs of this machine' });
    expect(await contentOf(reference, '/bin/tool')).toMatch(/^\d{4}751 0000000 tool\n$/);
    expect(await ensure(undefined)).toEqual({ reference, how: `the engine has ${reference}` });
  });
});

describe('an archive', () => {
  test.each([
    ['docker save', `/images/${BUSYBOX}/get`, false],
    ['docker save, gzipped', `/images/${BUSYBOX}/get`, true],
    ['docker export', undefined, false],
  ])('of %s', async (name, path, isGzipped) => {
    const { Id } = (await byHand('POST', '/containers/create', { Image: BUSYBOX })) as { Id: string };
    const { body } = await callEngine(hostOfEnvironment(), 'GET', path ?? `/containers/${Id}/export`);
    await byHand('DELETE', `/containers/${Id}`);
    const file = join(folder, `${name}.tar`);
    await writeFile(file, isGzipped ? gzipSync(body) : body);
    const image = await ensure(file);
    expect(image.how).toBe(`loaded from ${file}`);
    expect(await contentOf(image.reference, '/etc/group')).toContain('root:x:0:');
    expect(await ensure(file)).toEqual({ reference: image.reference, how: `the engine has the image of ${file}` });
  });

  test('that is none, or is not there', async () => {
    const file = join(folder, 'text.tar');
    await writeFile(file, 'no archive '.repeat(100));
    expect(String(await failure(ensure(file)))).toContain('is no archive of an image');
    expect(String(await failure(ensure(join(folder, 'none.tar'))))).toContain('cannot be read: ENOENT');
  });
});

describe('a reference', () => {
  test('that the engine has', async () => {
    const image = await ensureNetworkImage(
      { host: testDockerHost(), architecture, source: BUSYBOX, collect: await collecting('exit 1') },
      signal,
    );
    expect(image).toEqual({ reference: BUSYBOX, how: `the engine has ${BUSYBOX}` });
  });

  test('that nobody has', async () => {
    expect(String(await failure(ensure('127.0.0.1:9/network:1')))).toContain(
      'NetworkUnavailable: HOLDFAST_NETWORK_IMAGE: cannot pull 127.0.0.1:9/network:1',
    );
  });
});
