// Pods per second, from the commit to ready, and the same containers through the neighbours: docker compose, docker stack deploy and
// podman kube play, in one run and by turns. The first two make one container per replica and no sandbox, so they do less than a pod.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Figure, medianOf } from './figures.ts';
import { podContainersOf } from './floor.ts';
import { pods } from './manifests.ts';
import { Neighbours } from './others.ts';
import { Reconciler } from './reconciler.ts';
import { makeRepo } from './workspace.ts';

const SIZES = [1, 20, 100] as const;
const POLL_MS = 100;

export interface StartsOptions {
  readonly folder: string;
  readonly dockerHost: string;
  /** Ours alone, as a prefix of names and labels. */
  readonly cluster: string;
  /** Whether the engine is ours alone and may become a swarm. */
  readonly isPrivate: boolean;
  readonly repeats: number;
  readonly say: (text: string) => void;
}

/** For each size: seconds of Holdfast and of each neighbour that is installed, and pods per second. */
export async function measureStarts(options: StartsOptions): Promise<Figure[]> {
  const { folder, dockerHost, cluster, repeats, say } = options;
  const repo = makeRepo(join(folder, 'starts'));
  repo.commit(pods(0), 'No pods');
  const scratch = join(folder, 'starts-others');
  mkdirSync(scratch);
  const neighbours = new Neighbours({ ...options, folder: scratch, name: cluster });
  const reconciler = new Reconciler({ repo: repo.dir, dataDir: join(folder, 'starts-data'), cluster, dockerHost });
  try {
    // The first pod makes the network and the sandbox image; nobody is measured with that.
    await reconciler.live(repo.commit(pods(1), 'One pod').id);
    const clear = async (): Promise<void> => {
      await reconciler.live(repo.commit(pods(0), 'No pods').id);
      while ((await podContainersOf(dockerHost, cluster)).length > 0) await pause();
    };
    await clear();
    const figures: Figure[] = [];
    for (const size of SIZES) {
      const ours: number[] = [];
      const theirs = new Map<string, Figure[]>();
      for (let repeat = 0; repeat < repeats; repeat += 1) {
        say(`${size} pods, round ${repeat + 1} of ${repeats}`);
        const commit = repo.commit(pods(size), `${size} pods`);
        ours.push(((await reconciler.live(commit.id)) - commit.atMs) / 1000);
        await clear();
        for (const figure of await neighbours.start(size)) theirs.set(figure.id, [...(theirs.get(figure.id) ?? []), figure]);
      }
      figures.push(...figuresOf(size, ours, [...theirs.values()]));
    }
    return figures;
  } finally {
    await reconciler.stop();
    await neighbours.close();
  }
}

function figuresOf(size: number, ours: readonly number[], theirs: readonly (readonly Figure[])[]): Figure[] {
  const own = medianOf({ id: `start-${size}`, title: `${size} pods from commit to ready`, unit: 's' }, ours);
  const rate: Figure = {
    id: `start-rate-${size}`,
    title: '  pods per second',
    unit: 'rate',
    value: size / (own.value ?? Number.NaN),
  };
  const others = theirs.flatMap((rounds): Figure[] => {
    const times = rounds.flatMap(({ value }) => (value === undefined ? [] : [value]));
    const [first] = rounds;
    if (first === undefined) return [];
    if (times.length === 0) return [first];
    const { value: _value, ...figure } = first;
    const ratios = times.map((time, round) => (ours[round] ?? Number.NaN) / time);
    return [
      medianOf(figure, times),
      medianOf({ id: `${first.id}-ratio`, title: '  Holdfast against it', unit: 'ratio', target: 1 }, ratios),
    ];
  });
  return [own, rate, ...others];
}

function pause(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, POLL_MS);
  });
}
