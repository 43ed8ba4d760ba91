// Ranges of addresses that no other test uses: the engines of all workers share the network of this machine. Taken by a folder with the number of
// the process, so that those of a killed one are free again, unless its engine has left them in use.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { overlaps, parseRange, type Range } from '../../src/model/ipv4.ts';
import { hostFacts } from '../../src/node/host-facts.ts';

const FOLDER = join(tmpdir(), 'holdfast-test-ranges');
const COUNT = 20;
const FIRST_POD_RANGE = 200;
const FIRST_SERVICE_RANGE = FIRST_POD_RANGE + COUNT;

/** Ranges that are taken until `release`. */
export interface OwnRanges {
  readonly podRange: string;
  readonly serviceRange: string;
  release(): void;
}

/** Takes ranges. Throws when all are taken. */
export async function ownRanges(): Promise<OwnRanges> {
  mkdirSync(FOLDER, { recursive: true });
  for (let index = 0; index < COUNT; index += 1) {
    const folder = join(FOLDER, String(index));
    if (!isTaken(folder)) rmSync(folder, { recursive: true, force: true });
    if (!take(folder)) continue;
    const [podRange, serviceRange] = [`10.${FIRST_POD_RANGE + index}.0.0/16`, `10.${FIRST_SERVICE_RANGE + index}.0.0/16`];
    const release = (): void => rmSync(folder, { recursive: true, force: true });
    if (!(await isInUse(podRange, serviceRange))) return { podRange, serviceRange, release };
    release();
  }
  throw new Error(`all ${COUNT} ranges of addresses for tests are taken: look into ${FOLDER}`);
}

function take(folder: string): boolean {
  try {
    mkdirSync(folder);
  } catch {
    return false;
  }
  writeFileSync(join(folder, 'pid'), String(process.pid));
  return true;
}

/** Whether this machine has a way to one of these ranges, as after a test whose engine was killed. */
async function isInUse(...wanted: readonly string[]): Promise<boolean> {
  const { ranges = [] } = await hostFacts({ type: 'unix', path: '' });
  const used = rangesOf(ranges);
  return rangesOf(wanted).some((range) => used.some((other) => overlaps(range, other)));
}

function rangesOf(texts: readonly string[]): readonly Range[] {
  return texts.flatMap((text) => parseRange(text) ?? []);
}

/** One without a number was taken just now. */
function isTaken(folder: string): boolean {
  try {
    process.kill(Number(readFileSync(join(folder, 'pid'), 'utf8')), 0);
    return true;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    return code === 'ENOENT' ? existsSync(folder) : code !== 'ESRCH';
  }
}
