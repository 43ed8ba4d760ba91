// Reads the whole set once in a process of its own, so that the process is cold and its memory is its own: `yaml` parses and does no more,
// `holdfast` validates, and then again after one file changed. Prints one line of JSON.
import { parseAllDocuments } from 'yaml';
import type { SnapshotFile } from '../src/manifests/load.ts';
import { createManifestLoader } from '../src/manifests/loader.ts';
import { FILES, validationFile } from './validation-manifests.ts';

const CHANGES = 9;
const encoder = new TextEncoder();

/** User and system time of this process, in milliseconds. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

async function timed(work: () => Promise<unknown>): Promise<{ wallMs: number; cpuMs: number }> {
  const wall = performance.now();
  const cpu = cpuMs();
  await work();
  return { wallMs: performance.now() - wall, cpuMs: cpuMs() - cpu };
}

function fileOf(index: number, version: number): SnapshotFile {
  const [path, text] = validationFile(index, version);
  const bytes = encoder.encode(text);
  return { path, blobId: `${index}-${version}`, sizeBytes: bytes.byteLength, type: 'file', read: () => Promise.resolve(bytes) };
}

async function parseAlone(files: readonly SnapshotFile[]): Promise<void> {
  const decoder = new TextDecoder();
  for (const file of files) {
    for (const document of parseAllDocuments(decoder.decode(await file.read()), { version: '1.1', merge: true }))
      if (document.toJS() === undefined) throw new Error(`${file.path} is empty`);
  }
}

async function main(mode: string | undefined): Promise<object> {
  const files = Array.from({ length: FILES }, (_, index) => fileOf(index, 1));
  if (mode === 'yaml') return { cold: await timed(() => parseAlone(files)) };
  const loader = createManifestLoader({ areSetsJudged: true });
  const load = async (): Promise<void> => {
    const { problems } = await loader.load({ files });
    const error = problems.find(({ severity }) => severity === 'error');
    if (error !== undefined) throw new Error(`${error.file}: ${error.message}`);
  };
  const cold = await timed(load);
  const warm: number[] = [];
  for (let change = 0; change < CHANGES; change += 1) {
    // Of every kind in turn.
    const index = change * 1_001;
    files[index] = fileOf(index, change + 2);
    warm.push((await timed(load)).wallMs);
  }
  return { cold, warm, maxMegabytes: process.resourceUsage().maxRSS / 1024 };
}

process.stdout.write(`${JSON.stringify(await main(process.argv[2]))}\n`);
