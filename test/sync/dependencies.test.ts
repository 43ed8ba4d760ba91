import { expect, test } from 'vitest';
import { Dependents } from '../../src/sync/dependencies.ts';

const on = (...names: readonly string[]) => names.map((name) => ({ name }));

test('who waits for whom follows what applications say now', () => {
  const dependents = new Dependents();
  const of = (name: string): string[] => [...dependents.of(name)];
  dependents.set('shop', on('database', 'cache'));
  dependents.set('blog', on('database'));
  dependents.set('alone', undefined);
  expect([of('database'), of('cache'), of('shop')]).toEqual([['shop', 'blog'], ['shop'], []]);
  dependents.set('shop', on('cache'));
  expect([of('database'), of('cache')]).toEqual([['blog'], ['shop']]);
  dependents.set('blog', undefined);
  dependents.set('shop', []);
  expect([of('database'), of('cache')]).toEqual([[], []]);
});
