// The images that tests and demo run, without a registry: root file systems are assembled from Debian packages and imported.
// No dependencies. `node scripts/images.mjs` makes busybox on the engine of DOCKER_HOST; `node scripts/images.mjs nginx redis` applications, and
// `node scripts/images.mjs network` the image of the network container.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { callEngine, hostOfEnvironment } from './engine-api.mjs';
import { ensureDebianPackages } from './packages.mjs';
import { rootFileSystem } from './root-file-system.mjs';

export const BUSYBOX = 'busybox:1.36';

const SEARCH_PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Applications as their official images have them, as far as manifests notice: user, command, signal to stop, port, place for data. */
const APPLICATIONS = {
  nginx: {
    packages: ['nginx-light'],
    config: { User: '999', StopSignal: 'SIGQUIT', ExposedPorts: { '8080/tcp': {} }, Entrypoint: ['nginx', '-g', 'daemon off;'] },
  },
  redis: {
    packages: ['redis-server'],
    config: { User: '999', WorkingDir: '/data', ExposedPorts: { '6379/tcp': {} }, Cmd: ['redis-server'] },
  },
  postgres: {
    packages: ['postgresql'],
    programs: ['usr/lib/postgresql/VERSION/bin'],
    config: {
      User: '999',
      WorkingDir: '/data',
      Env: ['PGDATA=/data/pgdata'],
      StopSignal: 'SIGINT',
      ExposedPorts: { '5432/tcp': {} },
      Cmd: ['postgres'],
    },
  },
};
/** Part of every tag: another way of making images gives other images. */
const RECIPE = 1;

const PULL_TIMEOUT_MS = 20_000;
const BUSYBOX_FILES = ['/bin/busybox', '/usr/bin/busybox'];
const TAR_BLOCK_BYTES = 512;

/**
 * The engine has the images afterwards: they were there, could be pulled, or were made from Debian's packages. An engine that has no way to any
 * registry takes its time to find out: `mayPull: false` spares it that.
 */
export async function ensureTestImages(host = hostOfEnvironment(), { mayPull = true } = {}) {
  if (await hasImage(host, BUSYBOX)) return;
  if (mayPull && (await pull(host, BUSYBOX))) return;
  await ensureDebianPackages(['busybox-static']);
  await importBusybox(host);
}

/**
 * The reference of an image with nginx, redis or postgres, which the engine has afterwards. The tag names the recipe, so that an image that is
 * there is taken as it is. Rejects with an Error that says what to do when the image cannot be made here.
 */
export async function ensureApplicationImage(name, host = hostOfEnvironment()) {
  const application = APPLICATIONS[name];
  if (application === undefined) throw new Error(`There is no image ${name}, but ${Object.keys(APPLICATIONS).join(', ')}`);
  const recipe = createHash('sha256')
    .update(JSON.stringify([RECIPE, application]))
    .digest('hex')
    .slice(0, 12);
  const reference = `holdfast-test/${name}:${recipe}`;
  if (await hasImage(host, reference)) return reference;
  const archive = rootFileSystem(`${name}-${recipe}`, application);
  await loadImage(host, reference, readFileSync(archive), application.config);
  return reference;
}

/** Whether an engine has an image. */
export async function hasImage(host, reference) {
  const { status } = await callEngine(host, 'GET', `/images/${reference}/json`);
  return status === 200;
}

async function pull(host, reference) {
  const [repository, tag] = reference.split(':');
  try {
    await callEngine(host, 'POST', `/images/create?fromImage=${repository}&tag=${tag}`, { timeoutMs: PULL_TIMEOUT_MS });
  } catch {
    // No registry within reach: the engine's silence is as good as its refusal.
  }
  return await hasImage(host, reference);
}

async function importBusybox(host) {
  const busybox = BUSYBOX_FILES.find((file) => existsSync(file));
  if (busybox === undefined) throw new Error(`busybox-static is installed, but there is no ${BUSYBOX_FILES.join(' nor ')}`);
  const applets = spawnSync(busybox, ['--list'], { encoding: 'utf8' })
    .stdout.split('\n')
    .filter((name) => name !== '' && name !== 'busybox');
  const tar = Buffer.concat([
    ...['bin/', 'etc/', 'home/', 'root/', 'usr/', 'usr/bin/', 'var/', 'var/www/'].map((path) => tarEntry(path, '5', 0o755)),
    tarEntry('tmp/', '5', 0o1777),
    tarEntry('bin/busybox', '0', 0o755, readFileSync(busybox)),
    ...applets.map((name) => tarEntry(`bin/${name}`, '2', 0o777, undefined, '/bin/busybox')),
    tarEntry('usr/bin/env', '2', 0o777, undefined, '/bin/busybox'),
    tarEntry(
      'etc/passwd',
      '0',
      0o644,
      Buffer.from('root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/home:/bin/false\n'),
    ),
    tarEntry('etc/group', '0', 0o644, Buffer.from('root:x:0:\nnobody:x:65534:\n')),
    Buffer.alloc(2 * TAR_BLOCK_BYTES),
  ]);
  await loadImage(host, BUSYBOX, tar, { Cmd: ['sh'] });
}

/** An image of one layer, in the form of `docker save`: unlike an import it can have a signal to stop, and the same bytes are the same image. */
export async function loadImage(host, reference, layer, config) {
  const { status: known, body: about } = await callEngine(host, 'GET', '/version');
  if (known !== 200) throw new Error(`${host} does not tell its version: ${about}`);
  const image = Buffer.from(
    JSON.stringify({
      architecture: JSON.parse(about).Arch,
      os: 'linux',
      created: '1970-01-01T00:00:00Z',
      config: { ...config, Env: [SEARCH_PATH, ...(config.Env ?? [])] },
      rootfs: { type: 'layers', diff_ids: [`sha256:${hash(layer)}`] },
      history: [{ created: '1970-01-01T00:00:00Z' }],
    }),
  );
  const name = `${hash(image)}.json`;
  const manifest = JSON.stringify([{ Config: name, RepoTags: [reference], Layers: ['layer.tar'] }]);
  const body = Buffer.concat([
    tarEntry('manifest.json', '0', 0o644, Buffer.from(manifest)),
    tarEntry(name, '0', 0o644, image),
    tarEntry('layer.tar', '0', 0o644, layer),
    Buffer.alloc(2 * TAR_BLOCK_BYTES),
  ]);
  const answer = await callEngine(host, 'POST', '/images/load?quiet=1', { body, contentType: 'application/x-tar' });
  if (answer.status !== 200 || !(await hasImage(host, reference)))
    throw new Error(`${reference} could not be loaded into ${host} (status ${answer.status}): ${answer.body}`);
}

const hash = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** One entry of a POSIX archive: type 0 is a file, 2 a symbolic link, 5 a directory. */
function tarEntry(path, type, mode, content = Buffer.alloc(0), target = '') {
  const header = Buffer.alloc(TAR_BLOCK_BYTES);
  header.write(path, 0, 100);
  header.write(octal(mode, 8), 100);
  header.write(octal(0, 8), 108);
  header.write(octal(0, 8), 116);
  header.write(octal(content.length, 12), 124);
  header.write(octal(0, 12), 136);
  header.write(' '.repeat(8), 148);
  header.write(type, 156);
  header.write(target, 157, 100);
  header.write('ustar\u000000', 257);
  header.write(
    `${octal(
      header.reduce((sum, byte) => sum + byte, 0),
      7,
    )}\0 `,
    148,
  );
  const padding = Buffer.alloc((TAR_BLOCK_BYTES - (content.length % TAR_BLOCK_BYTES)) % TAR_BLOCK_BYTES);
  return Buffer.concat([header, content, padding]);
}

function octal(value, length) {
  return value.toString(8).padStart(length - 1, '0');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await ensureTestImages();
  for (const name of process.argv.slice(2)) {
    const { ensureNetworkImage } = await import('./network-image.mjs');
    console.log(name === 'network' ? await ensureNetworkImage() : await ensureApplicationImage(name));
  }
}
