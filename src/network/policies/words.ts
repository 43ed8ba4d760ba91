// Finds pods by what selectors ask for, and selectors by what pods have, without looking at the others. Plain bookkeeping.
import type { LabelSelector } from '../../model/resource.ts';
import type { Labels, PolicyPod } from './policy-pod.ts';

/** Which pods are meant: those that fit all that is given. */
export interface Selection {
  /** The only namespace; any when absent. */
  readonly namespace?: string;
  readonly podSelector: LabelSelector;
  readonly namespaceSelector?: LabelSelector;
  /** A port that a container gives this name; the protocol is in small letters. */
  readonly port?: { readonly protocol: string; readonly name: string };
}

/** Things by words. Whatever has none is not found. */
export class WordIndex<T> {
  readonly #byWord = new Map<string, Set<T>>();
  readonly #words = new Map<T, readonly string[]>();

  clear(): void {
    this.#byWord.clear();
    this.#words.clear();
  }

  file(thing: T, words: readonly string[]): void {
    this.unfile(thing);
    this.#words.set(thing, words);
    for (const word of words) {
      const things = this.#byWord.get(word) ?? new Set<T>();
      this.#byWord.set(word, things.add(thing));
    }
  }

  unfile(thing: T): void {
    for (const word of this.#words.get(thing) ?? []) {
      const things = this.#byWord.get(word);
      things?.delete(thing);
      if (things?.size === 0) this.#byWord.delete(word);
    }
    this.#words.delete(thing);
  }

  /** All that has one of these words, once. */
  of(words: readonly string[]): ReadonlySet<T> {
    return new Set(words.flatMap((word) => [...(this.#byWord.get(word) ?? [])]));
  }

  /** Of several lists of words the one that finds the fewest, counted without looking at any. */
  rarest(lists: readonly (readonly string[])[]): readonly string[] {
    const count = (words: readonly string[]): number => words.reduce((sum, word) => sum + (this.#byWord.get(word)?.size ?? 0), 0);
    const [first = [], ...others] = lists;
    return others.reduce((best, each) => (count(each) < count(best) ? each : best), first);
  }
}

const ANYWHERE = '*';

/** The words of a pod. `labels` are those of its namespace. */
export function wordsOfPod(pod: PolicyPod, labels: Labels): readonly string[] {
  const own = ['', ...labelWords('pod', pod.labels), ...pod.ports.map(portWord)];
  const around = labelWords('namespace', labels);
  return [
    ...own.map((word) => `${pod.namespace}/${word}`),
    ...own.map((word) => `${ANYWHERE}/${word}`),
    ...around.map((word) => `${ANYWHERE}/${word}`),
  ];
}

/** Lists of words: of each list a pod that fits has at least one word. There is at least one list. */
export function wordsOfSelection({ namespace, podSelector, namespaceSelector, port }: Selection): readonly (readonly string[])[] {
  const lists = [
    [''],
    ...selectorWords('pod', podSelector),
    // Of a pod in one namespace no words are kept that tell of the namespace.
    ...(namespace === undefined ? selectorWords('namespace', namespaceSelector) : []),
    ...(port === undefined ? [] : [[portWord(port)]]),
  ];
  return lists.map((words) => words.map((word) => `${namespace ?? ANYWHERE}/${word}`));
}

function labelWords(whose: string, labels: Labels): readonly string[] {
  return Object.entries(labels).flatMap(([key, value]) => [`${whose}:${key}`, `${whose}:${key}=${value}`]);
}

/** What must not be there is no way to find anything. */
function selectorWords(whose: string, { matchLabels = {}, matchExpressions = [] }: LabelSelector = {}): readonly string[][] {
  const byLabel = Object.entries(matchLabels).map(([key, value]) => [`${whose}:${key}=${value}`]);
  const byExpression = matchExpressions.flatMap(({ key, operator, values = [] }) => {
    if (operator === 'In') return [values.map((value) => `${whose}:${key}=${value}`)];
    return operator === 'Exists' ? [[`${whose}:${key}`]] : [];
  });
  return [...byLabel, ...byExpression];
}

function portWord({ protocol, name }: { readonly protocol: string; readonly name: string }): string {
  return `port:${protocol.toLowerCase()}/${name}`;
}
