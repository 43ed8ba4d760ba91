// How violations name who commits them.
import type { Container, EphemeralContainer, PodSpec } from '../../generated.ts';
import { allContainersOf } from '../../workload.ts';

type AnyContainer = Container | EphemeralContainer;

/** `"a", "b"` */
export function quoted(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(', ');
}

/** Sorted, each once. */
export function sortedSet(values: Iterable<string>): readonly string[] {
  return [...new Set(values)].toSorted();
}

/** One word for one thing, another for several. */
export function plural(one: string, several: string, count: number): string {
  return count === 1 ? one : several;
}

/** `container "a"`, `containers "a", "b"` */
export function containersText(names: readonly string[]): string {
  return `${plural('container', 'containers', names.length)} ${quoted(names)}`;
}

/** `pod`, `container "a"`, `pod and containers "a", "b"`; empty when nobody does it. */
export function settersText(isPod: boolean, containers: readonly string[]): string {
  return [...(isPod ? ['pod'] : []), ...(containers.length > 0 ? [containersText(containers)] : [])].join(' and ');
}

/** The names of the containers, of every sort, that a test picks, in the order in which Kubernetes visits them. */
export function namesWhere(spec: PodSpec, test: (container: AnyContainer) => boolean): readonly string[] {
  return allContainersOf(spec)
    .filter(test)
    .map(({ name }) => name);
}
