// Services by what they select, so that those of one pod are found without asking all. Each is filed under one label of its selector, the one under
// which the fewest others are: a label that all of a namespace share keeps nobody busy.
import { keyString, type ResourceKey, type StoredOf } from '../model/resource.ts';
import { matchesSelector } from '../model/selector.ts';

type Service = StoredOf<'Service'>;
type Labels = Readonly<Record<string, string>>;

/** Services with a selector. */
export class SelectorIndex {
  readonly #byLabel = new Map<string, Map<string, Service>>();
  /** Where each is filed. */
  readonly #filed = new Map<string, string>();

  /** Takes over what became of a Service; undefined when it is gone. */
  apply(key: ResourceKey, service: Service | undefined): void {
    const id = keyString(key);
    this.#drop(id);
    if (service === undefined) return;
    const names = Object.entries(service.spec.selector ?? {}).map(([name, value]) => ofLabel(key.namespace, name, value));
    const [first, ...others] = names;
    if (first === undefined) return;
    const label = others.reduce((best, each) => (this.#countOf(each) < this.#countOf(best) ? each : best), first);
    this.#filed.set(id, label);
    const services = this.#byLabel.get(label) ?? new Map<string, Service>();
    this.#byLabel.set(label, services.set(id, service));
  }

  /** The Services of a namespace whose selector these labels match, ordered by name. */
  selecting(namespace: string, labels: Labels): readonly Service[] {
    const found = Object.entries(labels).flatMap(([name, value]) => {
      const services = this.#byLabel.get(ofLabel(namespace, name, value));
      return services === undefined
        ? []
        : [...services.values()].filter(({ spec }) => matchesSelector({ matchLabels: spec.selector ?? {} }, labels));
    });
    return found.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  }

  #countOf(label: string): number {
    return this.#byLabel.get(label)?.size ?? 0;
  }

  #drop(id: string): void {
    const label = this.#filed.get(id);
    if (label === undefined) return;
    this.#filed.delete(id);
    const services = this.#byLabel.get(label);
    services?.delete(id);
    if (services?.size === 0) this.#byLabel.delete(label);
  }
}

function ofLabel(namespace: string, name: string, value: string): string {
  return `${namespace}/${name}=${value}`;
}
