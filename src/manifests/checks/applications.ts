// What applications that are declared side by side wait for: each must be there, and none may wait for itself round in a circle.
import type { FactsOf } from './facts.ts';
import type { ObjectSet, Tell } from './object-set.ts';

type Declared = FactsOf<'Application'>;

/** A name that is not declared beside it would be waited for in vain, and so would a circle. A circle is told once, at the first in it. */
export function checkApplications(set: ObjectSet, tell: Tell): void {
  const all = new Map(set.ofKind('Application').map((at) => [at.key.name, at]));
  for (const at of all.values()) {
    for (const [index, { name }] of (at.resource.spec.dependsOn ?? []).entries()) {
      if (all.has(name)) continue;
      const message = `there is no Application "${name}" declared in this path; one waits only for those that are declared beside it.`;
      const path = ['spec', 'dependsOn', index, 'name'];
      tell({ at, path, severity: 'error', reason: 'NotFound', message, wrong: { word: name, among: () => all.keys() } });
    }
  }
  const done = new Set<string>();
  for (const at of all.values()) {
    const circle = findCircle(at, all, done);
    if (circle === undefined) continue;
    const message = `they wait for one another: ${[...circle, circle[0] ?? ''].join(' waits for ')}`;
    const first = all.get(circle[0] ?? '') ?? at;
    tell({ at: first, path: ['spec', 'dependsOn'], severity: 'error', reason: 'Conflict', message });
  }
}

/** The names of a circle that is reached from here and was not looked at yet. */
function findCircle(from: Declared, all: ReadonlyMap<string, Declared>, done: Set<string>): readonly string[] | undefined {
  const way: string[] = [];
  const visit = (name: string): readonly string[] | undefined => {
    const start = way.indexOf(name);
    if (start !== -1) return way.slice(start);
    if (done.has(name)) return undefined;
    way.push(name);
    let found: readonly string[] | undefined;
    for (const { name: next } of all.get(name)?.resource.spec.dependsOn ?? []) {
      // What waits for itself alone is told where it is written.
      if (next !== name && all.has(next)) found ??= visit(next);
    }
    way.pop();
    done.add(name);
    return found;
  };
  return visit(from.key.name);
}
