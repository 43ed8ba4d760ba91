// The order of test files: those that take longest begin first, so that no worker is left with one of them at the end while the others idle.
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** End-to-end files of minutes, the longest first. */
const LONGEST = [
  'kill-mixed',
  'applications',
  'network-hosts',
  'network-recovery',
  'statefulset',
  'rollback',
  'load',
  'kill',
  'network-load',
  'pod-volumes',
  'push',
  'waves',
  'jobs',
  'claims',
  'network-modes',
  'pods',
  'scheduling',
].map((name) => `/test/e2e/${name}.test.ts`);
/** Then what waits for containers, then what computes for long; in one row each, at both ends, the files that share processes. */
const LONG = ['/test/e2e/', '/test/simulation/', '/test/corpus/'];

/** A vitest sequencer. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.toSorted((one, other) => rank(one) - rank(other));
  }
}

function rank({ moduleId: file, project }: TestSpecification): number {
  if (project.name === 'together') return Number.MAX_SAFE_INTEGER;
  const longest = LONGEST.findIndex((end) => file.endsWith(end));
  if (longest >= 0) return longest;
  const long = LONG.findIndex((folder) => file.includes(folder));
  return LONGEST.length + (long >= 0 ? long : LONG.length);
}
