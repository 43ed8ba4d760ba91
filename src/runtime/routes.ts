// Whom a change of the store concerns: an index from what is followed to those who follow it, so that a change costs what it concerns and not what
// there is. Pure but for its memory.
import { APPLICATION_ANNOTATION, type Kind, keyOf, keyString, type Stored } from '../model/resource.ts';
import type { WatchEvent } from '../store/store.ts';

/** What of the store somebody follows: a change concerns them when any of this says so. */
export interface Concern {
  /** Every change, whatever it is of. */
  readonly everything?: boolean;
  /** Every change of these kinds. */
  readonly kinds?: readonly Kind[];
  /** These applications, and every object that says, or has said until now, that it came from one of them. */
  readonly applications?: readonly string[];
  /** These objects, whether they are there or not, as `keyString` writes them. */
  readonly keys?: ReadonlySet<string>;
}

/** Followers and what they follow. What one follows is a whole: it is replaced, never added to. */
export class Routes<Follower> {
  readonly #concerns = new Map<Follower, ReadonlySet<string>>();
  readonly #followers = new Map<string, Set<Follower>>();

  /** This is what the follower follows from now on. Costs what differs, and the reading of the concern. */
  set(follower: Follower, concern: Concern): void {
    const before = this.#concerns.get(follower) ?? new Set();
    const topics = new Set(topicsOf(concern));
    for (const topic of before) if (!topics.has(topic)) this.#drop(topic, follower);
    for (const topic of topics) if (!before.has(topic)) this.#open(topic).add(follower);
    this.#concerns.set(follower, topics);
  }

  /** The follower follows nothing any more. */
  delete(follower: Follower): void {
    for (const topic of this.#concerns.get(follower) ?? []) this.#drop(topic, follower);
    this.#concerns.delete(follower);
  }

  /** All followers, those first that came first. */
  followers(): Iterable<Follower> {
    return this.#concerns.keys();
  }

  /** Each follower whom the change concerns, once. */
  concernedBy({ resource, before }: Pick<WatchEvent, 'resource' | 'before'>): ReadonlySet<Follower> {
    const found = new Set<Follower>();
    const topics = [EVERYTHING, kindTopic(resource.kind), keyTopic(keyString(keyOf(resource))), ...applicationTopics(resource)];
    if (before !== undefined) topics.push(...applicationTopics(before));
    for (const topic of topics) for (const follower of this.#followers.get(topic) ?? []) found.add(follower);
    return found;
  }

  #open(topic: string): Set<Follower> {
    const followers = this.#followers.get(topic) ?? new Set<Follower>();
    this.#followers.set(topic, followers);
    return followers;
  }

  #drop(topic: string, follower: Follower): void {
    const followers = this.#followers.get(topic);
    followers?.delete(follower);
    if (followers?.size === 0) this.#followers.delete(topic);
  }
}

// Names of topics begin with what no other sort of topic begins with.
const EVERYTHING = '*';
const kindTopic = (kind: Kind): string => `kind ${kind}`;
const applicationTopic = (name: string): string => `application ${name}`;
const keyTopic = (key: string): string => `key ${key}`;

function topicsOf({ everything = false, kinds = [], applications = [], keys = new Set() }: Concern): string[] {
  return [
    ...(everything ? [EVERYTHING] : []),
    ...kinds.map(kindTopic),
    ...applications.map(applicationTopic),
    ...[...keys].map(keyTopic),
  ];
}

function applicationTopics({ kind, metadata }: Stored): string[] {
  const from = metadata.annotations?.[APPLICATION_ANNOTATION];
  return [
    ...(from === undefined ? [] : [applicationTopic(from)]),
    ...(kind === 'Application' ? [applicationTopic(metadata.name)] : []),
  ];
}
