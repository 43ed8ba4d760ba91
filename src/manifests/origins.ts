// Remembers, while objects are put together from several files, where each map and list was read, so that a message names the line that a
// person wrote: the base's, the patch's or the generator's. Containers are known by identity: moving one takes its origin along.
import type { Path } from './place.ts';
import type { SourceObject, SourcePlace } from './source.ts';

type Container = Record<string | number, unknown>;

interface Origin {
  readonly source: Pick<SourceObject, 'locate' | 'sourceAt'>;
  readonly path: Path;
}

interface Mark {
  readonly place: SourcePlace;
  readonly written: string | undefined;
}

const isContainer = (value: unknown): value is Container => typeof value === 'object' && value !== null;

/** The origins of the objects of one rendering. */
export class Origins {
  readonly #origins = new WeakMap<object, Origin>();
  readonly #marks = new WeakMap<object, Map<string | number, Mark>>();

  /** A deep copy of what was read, to be changed freely. Every map and list of it remembers its place. */
  copyOf(source: SourceObject): unknown {
    const copy = (value: unknown, path: Path): unknown => {
      if (!isContainer(value)) return value;
      const made = Array.isArray(value)
        ? value.map((item: unknown, index) => copy(item, [...path, index]))
        : Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, copy(entry, [...path, key])]));
      this.#origins.set(made, { source, path });
      return made;
    };
    return copy(source.value, []);
  }

  /** A deep copy of something that has origins already. */
  copy<T>(value: T): T {
    if (!isContainer(value)) return value;
    const made = (
      Array.isArray(value)
        ? value.map((item: unknown) => this.copy(item))
        : Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, this.copy(entry)]))
    ) as T & object;
    this.inherit(made, value);
    return made;
  }

  /** `made` stands where `from` stood. */
  inherit(made: object, from: object): void {
    const origin = this.#origins.get(from);
    const marks = this.#marks.get(from);
    if (origin !== undefined) this.#origins.set(made, origin);
    if (marks !== undefined) this.#marks.set(made, new Map(marks));
  }

  /** The entry `key` of a map or list was set by what stands at `place`, where it is written as `written` when it is one scalar. */
  mark(container: object, key: string | number, place: SourcePlace, written?: string): void {
    const marks = this.#marks.get(container) ?? new Map<string | number, Mark>();
    this.#marks.set(container, marks.set(key, { place, written }));
  }

  /** Where the field that a path leads to was written: in the nearest container on the way that knows. */
  locate(root: unknown, path: Path): SourcePlace | undefined {
    let place = isContainer(root) ? this.#placeOf(root) : undefined;
    let at: unknown = root;
    for (const step of path) {
      if (!isContainer(at)) break;
      place = this.#placeOfEntry(at, step) ?? place;
      at = at[step];
    }
    return place;
  }

  /** The scalar as it was written, when nothing has replaced it since. */
  sourceAt(root: unknown, path: Path): string | undefined {
    const last = path.at(-1);
    let at: unknown = root;
    for (const step of path.slice(0, -1)) at = isContainer(at) ? at[step] : undefined;
    if (last === undefined || !isContainer(at)) return undefined;
    const mark = this.#marks.get(at)?.get(last);
    if (mark !== undefined) return mark.written;
    if (!Object.hasOwn(at, last)) return undefined;
    const origin = this.#origins.get(at);
    return origin?.source.sourceAt([...origin.path, last]);
  }

  #placeOf(container: object): SourcePlace | undefined {
    const origin = this.#origins.get(container);
    return origin?.source.locate(origin.path);
  }

  #placeOfEntry(container: Container, key: string | number): SourcePlace | undefined {
    const marked = this.#marks.get(container)?.get(key);
    if (marked !== undefined) return marked.place;
    // What a patch took away is written nowhere.
    if (!Object.hasOwn(container, key)) return this.#placeOf(container);
    const entry = container[key];
    const own = isContainer(entry) ? this.#origins.get(entry) : undefined;
    const origin = own ?? this.#origins.get(container);
    if (origin === undefined) return undefined;
    return origin.source.locate(own === undefined ? [...origin.path, key] : origin.path);
  }
}
