// A root file system from Debian packages and what they depend on, as one archive that an engine can import. Needs apt-get's lists and its
// servers, but no root and no registry. It must not install anything on this machine.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';

/** What only the scripts of packages need, and the programs of an image do not. */
const LEFT_OUT =
  /^(adduser|apt|cdebconf|debconf|dpkg|init-system-helpers|iproute2|libpam-modules.*|lib(semanage|sepol).*|.*perl.*|libllvm.*|libz3-.*|libc-l10n|locales|lsb-base|openssl|passwd|postgresql-common|sensible-utils|ssl-cert|sysvinit-utils|tar|ucf|usrmerge|usr-is-merged)$/;
/** Large, and not needed to run anything. */
const UNUSED = ['usr/share/doc', 'usr/share/man', 'usr/share/locale', 'usr/share/i18n', 'usr/lib/postgresql/*/lib/bitcode'];
const MERGED = ['bin', 'lib', 'lib32', 'lib64', 'libx32', 'sbin'];
const USERS = [
  { name: 'root', id: 0, home: '/root' },
  { name: 'app', id: 999, home: '/data' },
  { name: 'nobody', id: 65534, home: '/nonexistent' },
];
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

/**
 * The path of the archive with the packages' files, a shell, and links to `programs` that are not on the path (a folder that holds `/VERSION/`
 * for any one name). It is made once and kept under `key`. Everything belongs to root; /data, /run and /tmp are for everybody. With `collect` it
 * is what that script copies from there (`sh SCRIPT TARGET ROOT`), and nothing else.
 * Throws an Error that says what to do when it cannot be made here.
 */
export function rootFileSystem(key, { packages, programs = [], collect }) {
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'holdfast-test');
  const archive = join(cache, `${key}.tar`);
  if (existsSync(archive)) return archive;
  const debs = join(cache, 'packages');
  mkdirSync(debs, { recursive: true });
  const work = mkdtempSync(join(cache, 'making-'));
  try {
    const files = download(resolve([...packages, 'busybox-static'], work), debs);
    const root = join(work, 'root');
    unpack(files, root);
    if (collect === undefined) furnish(root, programs);
    const whole = collect === undefined ? root : join(work, 'collected');
    if (collect !== undefined) run('sh', [collect, whole, root]);
    const made = join(work, 'archive.tar');
    run('tar', ['--sort=name', '--owner=0', '--group=0', '--numeric-owner', '--mtime=@0', '-C', whole, '-cf', made, '.']);
    renameSync(made, archive);
    return archive;
  } catch (error) {
    throw new Error(`An image cannot be made from the Debian packages ${packages.join(', ')}: ${error.message}`, {
      cause: error,
    });
  } finally {
    run('chmod', ['-R', 'u+rwX', work]);
    rmSync(work, { recursive: true, force: true });
  }
}

/** Names, versions and files of the packages and all that they depend on, as on a system that has nothing yet. */
function resolve(packages, work) {
  if (spawnSync('apt-get', ['--version']).status !== 0) throw new Error('this system has no apt-get');
  const archives = join(work, 'archives');
  mkdirSync(join(archives, 'partial'), { recursive: true });
  const nothing = ['-o', 'Dir::State::status=/dev/null', '-o', `Dir::Cache::archives=${archives}`, '-o', 'Debug::NoLocking=1'];
  const ask = () =>
    spawnSync('apt-get', [...nothing, 'install', '-y', '-qq', '--no-install-recommends', '--print-uris', ...packages], output());
  let { status, stdout, stderr } = ask();
  if (status !== 0 && process.getuid?.() === 0) {
    run('apt-get', ['update', '-qq']);
    ({ status, stdout, stderr } = ask());
  }
  if (status !== 0) throw new Error(`${stderr.trim()}. Are the lists there? sudo apt-get update`);
  return stdout
    .split('\n')
    .map((line) => line.split(' ')[1])
    .filter((file) => file?.endsWith('.deb'))
    .map((file) => {
      const [name = '', version = ''] = file.split('_');
      return { name, version: decodeURIComponent(version), file };
    })
    .filter(({ name }) => packages.includes(name) || !LEFT_OUT.test(name));
}

function download(packages, folder) {
  const missing = packages.filter(({ file }) => !existsSync(join(folder, file)));
  if (missing.length > 0) {
    // Beside the folder first: half a file must not be taken for a whole one.
    const partial = mkdtempSync(join(folder, 'partial-'));
    try {
      run('apt-get', ['download', '-qq', ...missing.map(({ name, version }) => `${name}=${version}`)], { cwd: partial });
      for (const file of readdirSync(partial)) renameSync(join(partial, file), join(folder, file));
    } finally {
      rmSync(partial, { recursive: true, force: true });
    }
  }
  return packages.map(({ file }) => join(folder, file));
}

/** Debian's file systems have /bin, /lib and /sbin within /usr; packages of older releases do not know that yet. */
function unpack(files, root) {
  mkdirSync(join(root, 'usr'), { recursive: true });
  for (const name of MERGED) {
    mkdirSync(join(root, 'usr', name));
    symlinkSync(`usr/${name}`, join(root, name));
  }
  for (const file of files) {
    const { status, stdout, stderr } = spawnSync('dpkg-deb', ['--fsys-tarfile', file], { maxBuffer: 8 * MAX_OUTPUT_BYTES });
    if (status !== 0) throw new Error(`${basename(file)}: ${stderr.toString().trim()}`);
    const left = UNUSED.map((path) => `--exclude=./${path}`);
    run('tar', ['-C', root, '--keep-directory-symlink', '--no-same-owner', ...left, '-xf', '-'], { input: stdout });
  }
}

/** Users, a place for data, a shell with the usual commands, and the programs on the path. */
function furnish(root, programs) {
  for (const [path, mode] of [
    ['data', 0o777],
    ['tmp', 0o1777],
    ['run', 0o777],
    ['etc', 0o755],
    ['usr/local/bin', 0o755],
  ]) {
    mkdirSync(join(root, path), { recursive: true });
    chmodSync(join(root, path), mode);
  }
  const lines = (line) => `${USERS.map(line).join('\n')}\n`;
  writeFileSync(
    join(root, 'etc/passwd'),
    lines(({ name, id, home }) => `${name}:x:${id}:${id}:${name}:${home}:/bin/sh`),
  );
  writeFileSync(
    join(root, 'etc/group'),
    lines(({ name, id }) => `${name}:x:${id}:`),
  );
  const busybox = join(root, 'usr/bin/busybox');
  for (const name of run(busybox, ['--list']).trim().split('\n')) link(root, 'usr/bin/busybox', `usr/bin/${name}`);
  for (const path of programs) {
    const [before, after] = path.split('/VERSION/');
    for (const version of readdirSync(join(root, before))) {
      const folder = `${before}/${version}/${after}`;
      for (const name of readdirSync(join(root, folder))) link(root, `${folder}/${name}`, `usr/local/bin/${name}`);
    }
  }
}

function link(root, target, path) {
  if (lstatSync(join(root, path), { throwIfNoEntry: false }) === undefined) symlinkSync(`/${target}`, join(root, path));
}

const output = () => ({ encoding: 'utf8', maxBuffer: MAX_OUTPUT_BYTES, env: { ...process.env, LC_ALL: 'C' } });

function run(program, args, options = {}) {
  const { status, stdout, stderr, error } = spawnSync(program, args, { ...output(), ...options });
  if (status === 0) return stdout;
  throw new Error(`${program} ${args[0]}: ${error?.message ?? stderr.trim().split('\n').slice(-3).join(' ')}`);
}
