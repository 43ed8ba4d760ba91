// What a column of `holdfast get` is, and those that many kinds have.
import type { Kind, PodSpec, Stored, StoredOf } from '../../model/resource.ts';
import { printable } from '../phrases.ts';
import { age } from '../times.ts';

/** One column: its heading, its cell, and whether it is there only with `-o wide`. */
export interface Column<R> {
  readonly heading: string;
  readonly cell: (object: R, nowMs: number, isWide: boolean) => string;
  readonly isWide?: true;
}

/** The columns of some kinds. */
export type Tables = { readonly [K in Kind]?: readonly Column<StoredOf<K>>[] };

export const none = '<none>';
export const orNone = (text: string | undefined): string => (text === undefined || text === '' ? none : printable(text));

export const name: Column<Stored> = { heading: 'NAME', cell: (object) => object.metadata.name };
export const ageColumn: Column<Stored> = {
  heading: 'AGE',
  cell: (object, nowMs) => age(object.metadata.creationTimestamp, nowMs),
};

/** How many different keys some maps have. */
export const keyCount = (...maps: readonly (Readonly<Record<string, string>> | undefined)[]): string =>
  String(new Set(maps.flatMap((map) => Object.keys(map ?? {}))).size);

const containers = (spec: PodSpec | undefined): string => orNone(spec?.containers.map((container) => container.name).join(','));
const images = (spec: PodSpec | undefined): string => orNone(spec?.containers.map((container) => container.image).join(','));

/** The wide columns of what makes pods. */
export function containerColumns<R>(podSpec: (resource: R) => PodSpec | undefined): readonly Column<R>[] {
  return [
    { heading: 'CONTAINERS', cell: (resource) => containers(podSpec(resource)), isWide: true },
    { heading: 'IMAGES', cell: (resource) => images(podSpec(resource)), isWide: true },
  ];
}
