// Bundles src/ into dist/ with the packages it uses: two commands, and chunks that are loaded when they are needed. Nothing is done when dist/ is
// already newer than what it is made of. Types are not looked at: `npm run check` does that.
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { keepCode } from './code-cache.mjs';
import { root } from './setup.mjs';

const dist = join(root, 'dist');
const stamp = join(dist, '.built');
const COMMANDS = ['main', 'reconcile'];
/** A tenth of a command's start: its chunk is loaded when an expression is read or judged, which few commands do. */
const LATE_PACKAGE = '@bufbuild/cel';
/** docker-modem loads an SSH client, a third of a command's start, which Holdfast does not use: src/docker/ssh-dial.ts. */
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
  const others = [
    'package.json',
    'package-lock.json',
    'tsconfig.json',
    'scripts/build.mjs',
    'scripts/load.cjs',
    'scripts/code-cache.mjs',
    'scripts/pretended-engine.mjs',
  ].map((name) => join(root, name));
  return Math.max(...[...sources, ...others].map((file) => statSync(file).mtimeMs));
}

/** Leaves a runnable dist/main.js, or ends the process with the bundler's messages. */
export async function ensureBuilt() {
  if (existsSync(stamp) && statSync(stamp).mtimeMs > newestInput()) return;
  rmSync(dist, { recursive: true, force: true });
  mkdirSync(dist);
  try {
    const { metafile, outputFiles } = await bundle();
    const late = lateChunk(metafile);
    for (const { path, text } of outputFiles) writeFileSync(join(dist, basename(path)), lateIn(await chunkOf(text), late));
    writeFileSync(join(dist, 'THIRD-PARTY-LICENSES.txt'), licenses(Object.keys(metafile.inputs)));
    writeCommands(outputFiles.map(({ path }) => basename(path)));
  } catch (error) {
    // The bundler has said already what is wrong with a source.
    if (error.errors === undefined) console.error(error);
    console.error('The build failed.');
    process.exit(1);
  }
  await keepCode();
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
    entryNames: '[name]-[hash]',
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
    legalComments: 'none',
    metafile: true,
    write: false,
    logLevel: 'warning',
  });
}

/** A chunk as load.cjs takes it: a function, since Node keeps the code of modules for nobody, in ASCII, which is read without being decoded. */
async function chunkOf(text) {
  const { transform } = await import('esbuild');
  const { code } = await transform(text, {
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    define: { 'import.meta.url': 'urlOfChunk' },
    supported: { 'dynamic-import': false },
    logLevel: 'warning',
  });
  // What the bundler leaves as it is stands in regular expressions.
  const ascii = code.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return `(function (exports, require, module, urlOfChunk) { ${ascii}\n})`;
}

/** The file that has the package. */
function lateChunk({ outputs }) {
  const has = ({ inputs }) => Object.keys(inputs).some((file) => file.includes(`/${LATE_PACKAGE}/`));
  const [file, ...others] = Object.keys(outputs).filter((output) => has(outputs[output]));
  if (file === undefined || others.length > 0) throw new Error(`${LATE_PACKAGE} is in ${others.length + 1} chunks`);
  return basename(file);
}

/** The chunk, so that it loads the late one where something of that is used, if anywhere. */
function lateIn(chunk, late) {
  const found = [...chunk.matchAll(/^var (import_\w+) = require\("\.\/([^"]+)"\);$/gm)].find(([, , file]) => file === late);
  if (found === undefined) return chunk;
  const [statement, name] = found;
  return chunk.replace(statement, () => `var ${name} = () => require("./${late}");`).replaceAll(`${name}.`, () => `${name}().`);
}

function writeCommands(chunks) {
  copyFileSync(join(root, 'scripts', 'load.cjs'), join(dist, 'load.cjs'));
  writeFileSync(join(dist, 'package.json'), '{ "type": "commonjs" }\n');
  for (const name of COMMANDS) {
    const chunk = chunks.find((file) => file.startsWith(`${name}-`));
    writeFileSync(join(dist, `${name}.js`), `#!/usr/bin/env node\nrequire('./load.cjs').load('${chunk}');\n`, { mode: 0o755 });
  }
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
