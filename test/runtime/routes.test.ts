import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { APPLICATION_ANNOTATION, type Kind, keyOf, keyString, type Stored } from '../../src/model/resource.ts';
import { type Concern, Routes } from '../../src/runtime/routes.ts';

const KINDS = ['ConfigMap', 'Secret', 'Pod', 'Application', 'Event'] as const;

/** What the index looks at; the rest of an object does not count. */
function anObject(kind: Kind, name: string, application?: string): Stored {
  const annotations = application === undefined ? {} : { annotations: { [APPLICATION_ANNOTATION]: application } };
  const namespace = kind === 'Application' ? {} : { namespace: 'default' };
  return { apiVersion: 'v1', kind, metadata: { name, ...namespace, ...annotations } } as unknown as Stored;
}

const key = (kind: Kind, name: string): string => keyString(keyOf(anObject(kind, name)));

describe('whom a change concerns', () => {
  const followers: Readonly<Record<string, Concern>> = {
    shop: { applications: ['shop'], keys: new Set([key('ConfigMap', 'listed')]) },
    blog: { applications: ['blog'] },
    waiting: { applications: ['waiting'], everything: true },
    plane: { kinds: ['Application', 'Secret'] },
    nobody: {},
  };
  const rows: readonly (readonly [string, Stored, Stored | undefined, readonly string[]])[] = [
    ['what nobody has', anObject('ConfigMap', 'other'), undefined, ['waiting']],
    ['what one application has', anObject('ConfigMap', 'a', 'shop'), undefined, ['waiting', 'shop']],
    ['what was taken over', anObject('ConfigMap', 'a', 'blog'), anObject('ConfigMap', 'a', 'shop'), ['waiting', 'blog', 'shop']],
    ['what no longer says whose it is', anObject('ConfigMap', 'a'), anObject('ConfigMap', 'a', 'shop'), ['waiting', 'shop']],
    ['what is only listed', anObject('ConfigMap', 'listed'), undefined, ['waiting', 'shop']],
    ['what is listed and of another', anObject('ConfigMap', 'listed', 'blog'), undefined, ['waiting', 'shop', 'blog']],
    ['the same name of another kind', anObject('Pod', 'listed'), undefined, ['waiting']],
    ['a kind', anObject('Secret', 'a', 'blog'), undefined, ['waiting', 'plane', 'blog']],
    ['an application', anObject('Application', 'shop'), undefined, ['waiting', 'plane', 'shop']],
    [
      'an application that another declares',
      anObject('Application', 'blog', 'shop'),
      undefined,
      ['waiting', 'plane', 'shop', 'blog'],
    ],
  ];
  test.each(rows)('%s', (_name, resource, before, concerned) => {
    const routes = new Routes<string>();
    for (const [name, concern] of Object.entries(followers)) routes.set(name, concern);
    const change = before === undefined ? { resource } : { resource, before };
    expect([...routes.concernedBy(change)]).toEqual(concerned);
  });
});

describe('what is followed', () => {
  test('is replaced as a whole, and ends', () => {
    const routes = new Routes<string>();
    routes.set('one', { applications: ['shop'], kinds: ['Secret'] });
    routes.set('one', { applications: ['shop'], keys: new Set([key('Pod', 'a')]) });
    const concerned = (resource: Stored): string[] => [...routes.concernedBy({ resource })];
    expect(concerned(anObject('Secret', 'a'))).toEqual([]);
    expect(concerned(anObject('Pod', 'a'))).toEqual(['one']);
    expect(concerned(anObject('ConfigMap', 'a', 'shop'))).toEqual(['one']);
    expect([...routes.followers()]).toEqual(['one']);
    routes.delete('one');
    expect(concerned(anObject('Pod', 'a'))).toEqual([]);
    expect(concerned(anObject('ConfigMap', 'a', 'shop'))).toEqual([]);
    expect([...routes.followers()]).toEqual([]);
  });

  const application = fc.constantFrom('shop', 'blog', 'wiki');
  const object = fc
    .tuple(fc.constantFrom(...KINDS), fc.constantFrom('shop', 'blog', 'x'), fc.option(application, { nil: undefined }))
    .map((parts) => anObject(...parts));
  const concern = fc.record({
    everything: fc.boolean(),
    kinds: fc.subarray([...KINDS]),
    applications: fc.uniqueArray(application),
    keys: fc.array(object).map((objects) => new Set(objects.map((each) => keyString(keyOf(each))))),
  });
  const step = fc.record({ follower: fc.constantFrom('a', 'b', 'c'), concern: fc.option(concern, { nil: undefined }) });

  test('tells exactly those whose concern says so, whatever was followed before', () => {
    fc.assert(
      fc.property(fc.array(step), object, fc.option(object, { nil: undefined }), (steps, resource, before) => {
        const routes = new Routes<string>();
        const concerns = new Map<string, Concern>();
        for (const { follower, concern: next } of steps) {
          if (next === undefined) routes.delete(follower);
          else routes.set(follower, next);
          if (next === undefined) concerns.delete(follower);
          else concerns.set(follower, next);
        }
        const change = before === undefined ? { resource } : { resource, before };
        const expected = [...concerns].filter(([, each]) => isConcerned(each, resource, before)).map(([name]) => name);
        expect([...routes.concernedBy(change)].toSorted()).toEqual(expected.toSorted());
      }),
    );
  });
});

/** The rule as it is written down, asked of one follower at a time. */
function isConcerned(
  { everything = false, kinds = [], applications = [], keys = new Set() }: Concern,
  resource: Stored,
  before: Stored | undefined,
): boolean {
  const names = [resource, ...(before === undefined ? [] : [before])].flatMap(({ kind, metadata }) => [
    metadata.annotations?.[APPLICATION_ANNOTATION],
    ...(kind === 'Application' ? [metadata.name] : []),
  ]);
  const isOfApplication = applications.some((name) => names.includes(name));
  return everything || kinds.includes(resource.kind) || isOfApplication || keys.has(keyString(keyOf(resource)));
}
