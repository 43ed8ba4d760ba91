// Loads by turns, and figures of them: what is compared runs side by side in time, and ratios are taken pair by pair.
import { type Figure, medianOf } from './figures.ts';
import type { Load } from './load.ts';

/** Each in turn, so many rounds, every other round backwards: what else the machine does, and what the one before left, weighs on all. */
export async function byTurns<L extends Load>(rounds: number, works: readonly (() => Promise<L>)[]): Promise<L[][]> {
  const seen: L[][] = works.map(() => []);
  for (let round = 0; round < rounds; round += 1) {
    const entries = [...works.entries()];
    for (const [index, work] of round % 2 === 0 ? entries : entries.toReversed()) seen[index]?.push(await work());
  }
  return seen;
}

/** `what` tells where the requests went: "to the pod". */
export function rateOf(id: string, what: string, loads: readonly Load[]): Figure {
  const rates = loads.map(({ perSecond }) => perSecond);
  return medianOf({ id: `network-${id}-rate`, title: `requests ${what}`, unit: 'rate' }, rates);
}

export function latenciesOf(id: string, what: string, loads: readonly Load[]): Figure[] {
  const of = (part: 'medianMs' | 'p99Ms'): number[] => loads.map((load) => load[part]);
  return [
    medianOf({ id: `network-${id}-p50`, title: `median latency ${what}`, unit: 'ms' }, of('medianMs')),
    medianOf({ id: `network-${id}-p99`, title: '  p99', unit: 'ms' }, of('p99Ms')),
  ];
}

/** Of two loads, so that less is better: the first's rate against the second's. */
export function rateRatio(id: string, what: string, loads: readonly Load[][], target: number): Figure {
  const figure = { id: `network-${id}-rate-ratio`, title: `${what}: rate (other way round)`, unit: 'ratio', target } as const;
  return medianOf(
    figure,
    pairs(loads, (base, ours) => base.perSecond / ours.perSecond),
  );
}

/** Of two loads, the second's latency against the first's. */
export function latencyRatios(id: string, what: string, loads: readonly Load[][], target?: number): Figure[] {
  const rest = { unit: 'ratio', ...(target === undefined ? {} : { target }) } as const;
  return [
    medianOf(
      { id: `network-${id}-p50-ratio`, title: `${what}: median latency`, ...rest },
      pairs(loads, (base, ours) => ours.medianMs / base.medianMs),
    ),
    medianOf(
      { id: `network-${id}-p99-ratio`, title: '  p99', ...rest },
      pairs(loads, (base, ours) => ours.p99Ms / base.p99Ms),
    ),
  ];
}

function pairs([base = [], ours = []]: readonly (readonly Load[])[], ratio: (base: Load, ours: Load) => number): number[] {
  return ours.flatMap((load, index) => {
    const other = base[index];
    return other === undefined ? [] : [ratio(other, load)];
  });
}
