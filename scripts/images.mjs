// The images that tests and demo run, without a registry: a root file system is assembled from a Debian package and imported.
// No dependencies. `node scripts/images.mjs` makes them on the engine of DOCKER_HOST.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { callEngine, hostOfEnvironment } from './engine-api.mjs';
import { ensureDebianPackages } from './packages.mjs';

export const BUSYBOX = 'busybox:1.36';

const PULL_TIMEOUT_MS = 20_000;
const BUSYBOX_FILES = ['/bin/busybox', '/usr/bin/busybox'];
const TAR_BLOCK_BYTES = 512;

/** The engine has the images afterwards: they were there, could be pulled, or were made from Debian's packages. */
export async function ensureTestImages(host = hostOfEnvironment()) {
  if (await hasImage(host, BUSYBOX)) return;
  if (await pull(host, BUSYBOX)) return;
  await ensureDebianPackages(['busybox-static']);
  await importBusybox(host);
  if (!(await hasImage(host, BUSYBOX))) throw new Error(`${BUSYBOX} could not be imported into ${host}`);
}

async function hasImage(host, reference) {
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
  const [repo, tag] = BUSYBOX.split(':');
  const query = new URLSearchParams({ fromSrc: '-', repo, tag });
  for (const change of ['CMD ["sh"]', 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'])
    query.append('changes', change);
  const { status, body } = await callEngine(host, 'POST', `/images/create?${query}`, {
    body: tar,
    contentType: 'application/x-tar',
  });
  if (status !== 200) throw new Error(`importing ${BUSYBOX} failed with status ${status}: ${body}`);
}

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

if (process.argv[1] === fileURLToPath(import.meta.url)) await ensureTestImages();
