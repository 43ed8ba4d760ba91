// Bundles src/ into dist/ with the packages it uses: two commands, and chunks that are loaded when they are needed. Nothing is done when dist/ is
// already newer than what it is made of. Types are not looked at: `npm run check` does that.
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from './setup.mjs';

const stamp = join(root, 'dist', '.built');
const COMMANDS = ['main', 'reconcile'];
/** Packages of the old kind call `require`, which a module does not have. */
const REQUIRE =
  'import { createRequire as createRequireOfChunk } from "node:module"; const require = createRequireOfChunk(import.meta.url);';
/** docker-modem loads an SSH client, a third of a command's start, for addresses that Holdfast does not have. */
const withoutSsh = {
  name: 'without-ssh',
  setup(build) {
    build.onResolve({ filter: /^\.\/ssh$/ }, ({ importer }) =>
      importer.includes('docker-modem') ? { path: 'ssh', namespace: 'without-ssh' } : undefined,
    );
    const contents = 'module.exports = () => { throw new Error("there is no SSH in this build"); };';
    build.onLoad({ filter: /./, namespace: 'without-ssh' }, () => ({ contents }));
  },
};

function newestInput() {
  const sources = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  const others = ['package.json', 'package-lock.json', 'tsconfig.json', 'scripts/build.mjs'].map((name) => join(root, name));
  return Math.max(...[...sources, ...others].map((file) => statSync(file).mtimeMs));
}

/** Leaves a runnable dist/main.js, or ends the process with the bundler's messages. */
export async function ensureBuilt() {
  if (existsSync(stamp) && statSync(stamp).mtimeMs > newestInput()) return;
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  try {
    const { metafile } = await bundle();
    writeFileSync(join(root, 'dist', 'THIRD-PARTY-LICENSES.txt'), licenses(Object.keys(metafile.inputs)));
  } catch (error) {
    // The bundler has said already what is wrong with a source.
    if (error.errors === undefined) console.error(error);
    console.error('The build failed.');
    process.exit(1);
  }
  for (const name of COMMANDS) chmodSync(join(root, 'dist', `${name}.js`), 0o755);
  writeFileSync(stamp, '');
}

async function bundle() {
  const { build } = await import('esbuild');
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return await build({
    absWorkingDir: root,
    entryPoints: COMMANDS.map((name) => `src/${name}.ts`),
    outdir: 'dist',
    // Beside the commands: what a file finds by its own address is as far from dist/ as it is from src/.
    chunkNames: '[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    // What is installed with Holdfast is not in the bundle, and the other way round.
    external: Object.keys(dependencies),
    plugins: [withoutSsh],
    preserveSymlinks: true,
    banner: { js: REQUIRE },
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  });
}

/** The licences of the packages that these files come from, as they have to be handed on with them. */
function licenses(files) {
  const folders = new Set(files.flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []));
  return [...folders]
    .map((folder) => {
      const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
      return [`${name} ${version} (${license})`, ...licenseTexts(join(root, folder))].join('\n\n');
    })
    .join(`\n\n${'-'.repeat(80)}\n\n`)
    .concat('\n');
}

/** A package without a file for it has its licence at the end of its page. */
function licenseTexts(folder) {
  const read = (name) => readFileSync(join(folder, name), 'utf8').trim();
  const names = readdirSync(folder);
  const own = names.filter((name) => /^(licen[cs]e|notice|copying)/i.test(name));
  if (own.length > 0) return own.map(read);
  return names
    .filter((name) => /^readme/i.test(name))
    .flatMap((name) => /^#* *licen[cs]e\b[\s\S]*/im.exec(read(name))?.[0] ?? []);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await ensureBuilt();
