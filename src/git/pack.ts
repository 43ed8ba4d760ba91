// Git's pack format (gitformat-pack), as much of it as a few small objects need: whole ones, no deltas.
import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import type { GitObject, ObjectType } from './objects.ts';

const VERSION = 2;
const TYPES: Readonly<Record<ObjectType, number>> = { commit: 1, tree: 2, blob: 3, tag: 4 };

/** A pack of these objects. */
export function packOf(objects: readonly GitObject[]): Buffer {
  const head = Buffer.alloc(12);
  head.write('PACK', 'latin1');
  head.writeUInt32BE(VERSION, 4);
  head.writeUInt32BE(objects.length, 8);
  const content = Buffer.concat([
    head,
    ...objects.flatMap(({ type, bytes }) => [entryHead(type, bytes.byteLength), deflateSync(bytes)]),
  ]);
  return Buffer.concat([content, createHash('sha1').update(content).digest()]);
}

/** The type and the size: four bits of it in the first byte, seven in each further one. */
function entryHead(type: ObjectType, size: number): Buffer {
  const bytes = [(TYPES[type] << 4) | (size & 0x0f)];
  for (let rest = Math.floor(size / 16); rest > 0; rest = Math.floor(rest / 128)) {
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) | 0x80;
    bytes.push(rest & 0x7f);
  }
  return Buffer.from(bytes);
}
