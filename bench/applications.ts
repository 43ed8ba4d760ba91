// A thousand applications in one repository, each of a folder of its own: what it costs to change all of them at once, and to have them. Their objects run
// nothing: what containers cost is measured elsewhere.
import { join } from 'node:path';
import { openStoreForReading } from '../src/installation/data-folder.ts';
import { systemClock } from '../src/system/clock.ts';
import { systemIds } from '../src/system/ids.ts';
import type { Figure } from './figures.ts';
import { applications } from './manifests.ts';
import { Reconciler } from './reconciler.ts';
import { makeRepo, type TimedCommit } from './workspace.ts';

/** Time to go still after a change. */
const SETTLE_MS = 10_000;
const WATCH_MS = 30_000;
/** Each look reads the whole store, on the same processors: seldom enough not to be what is measured. */
const POLL_MS = 1_000;
const TIMEOUT_MS = 900_000;
/** What Flux publishes of its own, for as many Kustomizations on a cluster: no target, something to hold it against. */
const PUBLISHED = 'Flux publishes 4 min 15 s and 175 MB for 1,000 Kustomizations on a cluster of its own, another machine';

export interface ApplicationsOptions {
  readonly folder: string;
  readonly dockerHost: string;
  /** Ours alone, as a prefix of names and labels. */
  readonly cluster: string;
  readonly count: number;
  readonly say: (text: string) => void;
}

export async function measureApplications({ folder, dockerHost, cluster, count, say }: ApplicationsOptions): Promise<Figure[]> {
  const repo = makeRepo(join(folder, 'applications'));
  const dataDir = join(folder, 'applications-data');
  const first = repo.commit(applications(count, 0), 'All');
  const args = ['--path', 'root', '--network', 'none'];
  const reconciler = new Reconciler({ repo: repo.dir, dataDir, cluster, dockerHost, args });
  try {
    say(`${count} applications`);
    await reconciler.live(first.id);
    await untilAllAreAt(first, count, dataDir);
    say('changing all of them');
    const before = reconciler.cpuMs();
    const change = repo.commit(applications(count, 1), 'All changed');
    const tookMs = (await untilAllAreAt(change, count, dataDir)) - change.atMs;
    const cpuMs = reconciler.cpuMs() - before;
    const peak = reconciler.residentMegabytes();
    await pause(SETTLE_MS);
    const rest = reconciler.cpuMs();
    await pause(WATCH_MS);
    const restCpu = ((reconciler.cpuMs() - rest) / WATCH_MS) * 1000;
    const title = `${count} applications`;
    return [
      {
        id: 'applications-change',
        title: `${title}: from one commit that changes each until all are live`,
        unit: 's',
        value: tookMs / 1000,
        note: PUBLISHED,
      },
      { id: 'applications-change-cpu', title: '  processor time of it', unit: 's', value: cpuMs / 1000 },
      { id: 'applications-change-memory', title: '  resident memory at its end', unit: 'MB', value: peak },
      {
        id: 'applications-rest-memory',
        title: `${title}, at rest: resident memory`,
        unit: 'MB',
        value: reconciler.residentMegabytes(),
      },
      { id: 'applications-rest-cpu', title: '  processor time per second', unit: 'ms', value: restCpu },
    ];
  } finally {
    await reconciler.stop();
  }
}

/** Epoch milliseconds at which all are live at the commit. */
async function untilAllAreAt({ id }: TimedCommit, count: number, dataDir: string): Promise<number> {
  const deadline = Date.now() + TIMEOUT_MS;
  for (;;) {
    const there = await liveAt(id, dataDir);
    if (there > count) return Date.now();
    if (Date.now() > deadline) throw new Error(`${there} of ${count + 1} applications are at ${id.slice(0, 7)}`);
    await pause(POLL_MS);
  }
}

/** How many applications are live at the commit, the root among them. */
async function liveAt(id: string, dataDir: string): Promise<number> {
  const store = openStoreForReading(dataDir, systemClock(), systemIds());
  try {
    return store?.list('Application').filter(({ status }) => status?.lastGood?.id === id).length ?? 0;
  } finally {
    await store?.close();
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
