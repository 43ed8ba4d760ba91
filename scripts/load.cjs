// Copied into dist/: loads the chunks of the bundle, with the code that V8 made of them when they were built. A file of such code that is missing, or
// that another Node made, only costs time: V8 refuses it, and compiles what is called.
'use strict';
const { readFileSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { Script } = require('node:vm');
const { crc32 } = require('node:zlib');

const SUM_BYTES = 4;

/** By the name of the file. */
const modules = new Map();

/** What a chunk exports. A chunk is a function in plain ASCII (see build.mjs), its name has a hash of what it holds, and so has its code's. */
function load(name) {
  const known = modules.get(name);
  if (known !== undefined) return known.exports;
  const file = join(__dirname, name);
  const cachedData = codeOf(file);
  const script = new Script(readFileSync(file, 'latin1'), {
    filename: file,
    ...(cachedData === undefined ? {} : { cachedData }),
  });
  const module = { exports: {}, script };
  modules.set(name, module);
  script.runInThisContext()(module.exports, requireOfChunk, module, `file://${file}`);
  return module.exports;
}

function requireOfChunk(id) {
  return id.startsWith('./') ? load(id.slice(2)) : require(id);
}

/** V8 looks whether it has made it of a text of this length, not whether the file was written to its end: it would run whatever stands there. */
function codeOf(file) {
  let bytes;
  try {
    bytes = readFileSync(`${file}.code`);
  } catch {
    return undefined;
  }
  if (bytes.length < SUM_BYTES) return undefined;
  const code = bytes.subarray(0, -SUM_BYTES);
  return bytes.readUInt32LE(code.length) === crc32(code) ? code : undefined;
}

/** Writes beside every chunk that was loaded the code of it and of its functions that were called. */
function keepCode() {
  for (const [name, { script }] of modules) {
    const code = script.createCachedData();
    const sum = Buffer.alloc(SUM_BYTES);
    sum.writeUInt32LE(crc32(code));
    writeFileSync(join(__dirname, `${name}.code`), Buffer.concat([code, sum]));
  }
}

module.exports = { load, keepCode };
