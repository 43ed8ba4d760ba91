// Which application declares which, and how each is.
import { expect, test } from 'vitest';
import { applicationTree, stateText, treeLines } from '../../src/cli/application-tree.ts';
import type { Application, ApplicationSpec, ApplicationStatus, Stored } from '../../src/model/resource.ts';
import { anApplication, anAttempt, annsCommit, aRecord } from '../support/applications.ts';

function declared(
  name: string,
  parent?: string,
  spec: Partial<ApplicationSpec> = {},
  status: ApplicationStatus = {},
): Stored<Application> {
  const application = anApplication(status, name);
  const annotations: Record<string, string> = parent === undefined ? {} : { 'holdfast.dev/application': parent };
  return { ...application, metadata: { ...application.metadata, annotations }, spec: { ...application.spec, ...spec } };
}
const waitsFor = (...names: readonly string[]): Partial<ApplicationSpec> => ({ dependsOn: names.map((name) => ({ name })) });
const live: ApplicationStatus = { lastGood: annsCommit, health: 'Healthy' };

test('parents stand before what they declare, and what is waited for before what waits', () => {
  const waiting = anAttempt('preflighting', { waitingFor: ['application/z to be healthy; it is degraded', 'an image'] });
  const all = [
    declared('a', 'root', waitsFor('z'), { ...live, attempt: waiting }),
    declared('deep', 'z', {}, live),
    declared('m', 'root', {}, live),
    declared('other', undefined, {}, live),
    declared('root', undefined, {}, live),
    declared('z', 'root', {}, { ...live, health: 'Degraded' }),
  ];
  const id = annsCommit.id.slice(0, 7);
  const at = waiting.commit.id.slice(0, 7);
  expect(treeLines(applicationTree(all))).toEqual([
    'APPLICATION   HEALTH     COMMIT    STATE',
    `other         Healthy    ${id}   live`,
    `root          Healthy    ${id}   live`,
    `├ z           Degraded   ${id}   live`,
    `│ └ deep      Healthy    ${id}   live`,
    `├ a           Healthy    ${id}   preflighting ${at}, waits for application/z to be healthy; it is degraded and 1 more`,
    `└ m           Healthy    ${id}   live`,
  ]);
});

test('none is lost: neither orphans, nor those that declare or wait for each other', () => {
  const all = [
    declared('a', 'b', waitsFor('b')),
    declared('b', 'a', waitsFor('a')),
    declared('orphan', 'gone'),
    declared('x', 'orphan', waitsFor('y')),
    declared('y', 'orphan', waitsFor('x', 'nobody')),
  ];
  expect(applicationTree(all).map(({ application, parent }) => [application.metadata.name, parent])).toEqual([
    ['orphan', undefined],
    ['y', 'orphan'],
    ['x', 'orphan'],
    ['a', undefined],
    ['b', 'a'],
  ]);
});

test.each<readonly [string, Stored<Application>, string]>([
  ['nothing yet', declared('a'), 'nothing yet'],
  ['nothing yet, for a reason', declared('a', 'root', waitsFor('b', 'c')), 'nothing yet, waits for b, c'],
  [
    'held',
    declared('a', 'root', {}, { ...live, held: aRecord('preflight-failed', { message: 'no\nroom' }) }),
    'preflight-failed',
  ],
  ['taken back', declared('a', 'root', {}, { ...live, quarantined: aRecord('rolled-back') }), 'rolled-back'],
  [
    'unreadable',
    declared('a', 'root', {}, { ...live, source: { ready: false, reason: 'Unreachable', message: 'no route', since: '' } }),
    'its source cannot be read: no route',
  ],
  [
    'suspended',
    declared(
      'a',
      'root',
      {},
      { ...live, suspension: { by: 'command', who: 'ada', reason: 'x', since: '' }, attempt: anAttempt('applying') },
    ),
    'suspended',
  ],
])('%s', (_what, application, expected) => {
  expect(stateText(application)).toMatch(new RegExp(`^${expected}`));
  expect(stateText(application)).not.toContain('\n');
});
