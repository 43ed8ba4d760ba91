// Applications that declare others, on virtual time: the whole control plane over one repository.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { explain } from '../../src/sync/why.ts';
import { declare, SeveralApplications, webOf } from '../support/several-applications.ts';

let plane: SeveralApplications;
beforeEach(() => {
  plane = new SeveralApplications();
});
afterEach(async () => {
  await plane.stop();
});

const web = { 'root/web.yaml': declare('web', { path: 'apps/web' }), 'apps/web/d.yaml': webOf('web', 'web:1') };
const db = { 'root/db.yaml': declare('db', { path: 'apps/db' }), 'apps/db/d.yaml': webOf('db', 'web:1') };

describe('declared applications', () => {
  test('are live beside the one that declares them, each at its commit', async () => {
    await plane.start();
    const id = await plane.push({ ...web, ...db });
    expect(plane.deployments()).toEqual({ web: 'web:1', db: 'web:1' });
    for (const name of ['root', 'web', 'db']) expect(plane.status(name)).toMatchObject({ lastGood: { id }, health: 'Healthy' });
    expect(plane.application('web')).toMatchObject({
      metadata: { finalizers: ['holdfast.dev/prune'], annotations: { 'holdfast.dev/application': 'root' } },
      spec: { path: 'apps/web', repo: 'https://git.example/shop.git', revision: 'live commit of root' },
    });
    expect(plane.status('root').inventory?.map(({ kind, name }) => `${kind}/${name}`)).toEqual([
      'Application/web',
      'Application/db',
    ]);
  });

  test('a second look writes nothing', async () => {
    await plane.start();
    await plane.push({ ...web, ...db });
    const before = plane.store.revision();
    await plane.clock.advance(5 * 60_000);
    expect(plane.store.revision()).toBe(before);
  });

  test('a bad one is rolled back alone', async () => {
    await plane.start();
    const first = await plane.push({ ...web, ...db });
    const second = await plane.push(
      { ...web, ...db, 'apps/web/d.yaml': webOf('web', 'bad:1'), 'apps/db/d.yaml': webOf('db', 'web:2') },
      12,
    );
    expect(plane.deployments()).toEqual({ web: 'web:1', db: 'web:2' });
    expect(plane.status('web')).toMatchObject({ lastGood: { id: first }, quarantined: { commit: { id: second } } });
    expect(plane.status('db')).toMatchObject({ lastGood: { id: second } });
    expect(plane.status('root')).toMatchObject({ lastGood: { id: second } });
  });

  test('go with their objects when their manifests go', async () => {
    await plane.start();
    await plane.push({ ...web, ...db });
    await plane.push(db, 2);
    expect(plane.deployments()).toEqual({ db: 'web:1' });
    expect(plane.running()).toEqual(['web:1']);
    expect(plane.application('web')).toBeUndefined();
    expect(plane.store.list('ApplicationRevision').map(({ spec }) => spec.application)).toEqual(['db', 'root']);
  });

  test('leave their objects when they do not prune, and take them back when they come again', async () => {
    await plane.start();
    const lasting = { ...web, 'root/web.yaml': declare('web', { path: 'apps/web', prune: false }) };
    await plane.push({ ...lasting, ...db });
    const before = plane.containers();
    await plane.push(db, 2);
    expect(plane.application('web')).toBeUndefined();
    expect(plane.containers()).toEqual(before);
    expect(plane.store.list('Event').filter(({ reason }) => reason === 'ObjectsLeft')).toMatchObject([
      { message: '1 objects stay, because it does not prune: deployment/web' },
    ]);
    await plane.push({ ...lasting, ...db }, 2);
    expect(plane.status('web')).toMatchObject({ health: 'Healthy', inventory: [{ name: 'web' }] });
    expect(plane.containers()).toEqual(before);
  });

  test('count in the guard with all that they have', async () => {
    const many = Object.fromEntries(['a', 'b', 'c'].map((name) => [`apps/web/${name}.yaml`, webOf(name, 'web:1')]));
    await plane.start();
    await plane.push({ ...web, ...db, ...many });
    const id = await plane.push(db, 2);
    expect(plane.status('root').held).toMatchObject({ commit: { id }, outcome: 'preflight-failed' });
    expect(plane.status('root').held?.message).toContain('the commit would delete 5 of 7 objects');
    expect(Object.keys(plane.deployments())).toEqual(['a', 'b', 'c', 'db', 'web']);
  });

  test('go on where they were after a restart, and after the store was lost', async () => {
    await plane.start();
    await plane.push({ ...web, ...db });
    const before = plane.containers();
    await plane.restart();
    await plane.clock.advance(60_000);
    expect(plane.containers()).toEqual(before);
    await plane.loseStore();
    await plane.clock.advance(60_000);
    expect(plane.containers()).toEqual(before);
    for (const name of ['root', 'web', 'db']) expect(plane.status(name)).toMatchObject({ health: 'Healthy' });
  });
});

describe('applications that depend on others', () => {
  const later = { ...web, 'root/web.yaml': declare('web', { path: 'apps/web', dependsOn: [{ name: 'db' }] }) };

  test('are applied when those are live at the same commit', async () => {
    await plane.start();
    plane.engine.behave('web:2', { pull: 'hang' });
    plane.engine.removeImageByHand('web:2');
    await plane.push({ ...later, ...db });
    expect(plane.deployments()).toEqual({ web: 'web:1', db: 'web:1' });
    const id = await plane.push({
      ...later,
      ...db,
      'apps/web/d.yaml': webOf('web', 'bad:1'),
      'apps/db/d.yaml': webOf('db', 'web:2'),
    });
    expect(plane.deployments()).toEqual({ web: 'web:1', db: 'web:1' });
    expect(plane.status('web').attempt).toMatchObject({
      commit: { id },
      phase: 'preflighting',
      waitingFor: [`application/db to be live at its newest commit ${id.slice(0, 7)}, which is preflighting`],
    });
    const why = explain({ kind: 'Application', namespace: '', name: 'web' }, plane.store, plane.clock.now());
    expect(why).toContain('  waits before each commit for db');
    expect(why.find((line) => line.startsWith('  declared'))).toMatch(
      /^ {2}declared by application root at root\/web\.yaml:1, last changed by commit [0-9a-f]{7} of /,
    );
  });

  test('are held when that takes too long, and go on when it is done', async () => {
    await plane.start();
    const slow = { ...later, ...db, 'apps/db/d.yaml': webOf('db', 'bad:1') };
    const id = await plane.push(slow, 7);
    expect(plane.deployments()).toEqual({ db: 'bad:1' });
    expect(plane.status('web').held).toMatchObject({ commit: { id }, outcome: 'preflight-failed' });
    expect(plane.status('web').held?.message).toContain('application/db, whose newest commit');
    plane.engine.behave('bad:1', {});
    await plane.clock.advance(12 * 60_000);
    expect(plane.status('db')).toMatchObject({ lastGood: { id } });
    expect(plane.status('web')).toMatchObject({ lastGood: { id } });
    expect(plane.status('web').held).toBeUndefined();
  });

  test('and on what is asked of the health of those', async () => {
    const check = { apiVersion: 'apps/v1', kind: 'Deployment', current: "spec.template.spec.containers[0].image == 'web:2'" };
    const asked = { ...later, ...db, 'root/db.yaml': declare('db', { path: 'apps/db', healthCheckExprs: [check] }) };
    await plane.start();
    const id = await plane.push(asked);
    expect(plane.deployments()).toEqual({ db: 'web:1' });
    const waits = `application/db to be live at its newest commit ${id.slice(0, 7)}, which is verifying`;
    expect(plane.status('web').attempt?.waitingFor).toEqual([waits]);
    await plane.push({ ...asked, 'apps/db/d.yaml': webOf('db', 'web:2') });
    expect(plane.deployments()).toEqual({ db: 'web:2', web: 'web:1' });
    expect(plane.status('web').health).toBe('Healthy');
  });

  test.each([
    ['a name that is not declared', [{ name: 'dbb' }], 'there is no Application "dbb" declared in this path'],
    ['itself', [{ name: 'web' }], 'an application cannot wait for itself'],
  ])('on %s are refused', async (_what, dependsOn, message) => {
    await plane.start();
    await plane.push({ ...later, ...db, 'root/web.yaml': declare('web', { path: 'apps/web', dependsOn }) });
    expect(plane.status('root').held?.message).toContain(message);
    expect(plane.application('web')).toBeUndefined();
  });

  test('round in a circle are refused', async () => {
    await plane.start();
    await plane.push({ ...later, ...db, 'root/db.yaml': declare('db', { path: 'apps/db', dependsOn: [{ name: 'web' }] }) });
    expect(plane.status('root').held?.message).toContain('db waits for web waits for db');
  });
});

describe('an object that two applications want', () => {
  test('stays with the one that had it first, and the other says so', async () => {
    await plane.start();
    await plane.push({ ...web, ...db });
    const id = await plane.push({ ...web, ...db, 'apps/db/d.yaml': webOf('web', 'web:2') }, 10);
    expect(plane.deployments()).toEqual({ db: 'web:1', web: 'web:1' });
    expect(plane.status('db').held).toMatchObject({ commit: { id }, outcome: 'preflight-failed' });
    expect(plane.status('db').held?.message).toContain('deployment/web belongs to the application "web"');
    expect(plane.status('web').lastGood).toMatchObject({ id });
  });

  test('that is the application which declares it is refused', async () => {
    await plane.start();
    await plane.push({ ...web, ...db, 'apps/db/r.yaml': declare('root', { path: 'apps/web' }) });
    expect(plane.status('db').held?.message).toContain('application/root is what declares this application');
  });
});

describe('a target namespace', () => {
  const namespace = JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'prod' } });
  const placed = { ...web, 'root/web.yaml': declare('web', { path: 'apps/web', targetNamespace: 'prod' }) };

  test('is where objects go that name none', async () => {
    await plane.start();
    await plane.push({ ...placed, 'apps/web/n.yaml': namespace });
    expect(plane.deployments()).toEqual({ 'prod/web': 'web:1' });
  });

  test('is not where objects go that name another: they are refused', async () => {
    await plane.start();
    await plane.push({ ...placed, 'apps/web/n.yaml': namespace, 'apps/web/d.yaml': webOf('web', 'web:1', 'test') });
    expect(plane.status('web').held?.message).toContain('the objects of this application go into the namespace "prod"');
  });
});

describe('a source of its own', () => {
  const url = 'https://git.example/other.git';
  const elsewhere = { 'root/web.yaml': declare('web', { path: 'web', source: { repository: url, branch: 'main' } }) };

  test('is followed by itself', async () => {
    await plane.start();
    await plane.push({ ...elsewhere, ...db });
    const other = plane.others.get(url);
    const id = other?.commit({ files: { 'web/d.yaml': webOf('web', 'web:2') } });
    await plane.clock.advance(60_000);
    expect(plane.deployments()).toEqual({ db: 'web:1', web: 'web:2' });
    expect(plane.status('web')).toMatchObject({ lastGood: { id } });
    expect(plane.opened).toContainEqual(
      expect.objectContaining({ repository: url, revision: { type: 'branch', name: 'main' }, path: 'web' }),
    );
  });

  test('is opened when its Secret is there, and anew when that changes', async () => {
    await plane.start();
    const source = { repository: url, secretRef: { name: 'git' } };
    const secret = (password: string): string =>
      JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'git' }, stringData: { username: 'me', password } });
    const declared = { 'root/web.yaml': declare('web', { path: 'web', source }) };
    await plane.push(declared);
    expect(plane.status('web').source).toMatchObject({
      ready: false,
      message: 'there is no Secret git in namespace default, which spec.source.secretRef names',
    });
    await plane.push({ ...declared, 'root/s.yaml': secret('old') });
    await plane.push({ ...declared, 'root/s.yaml': secret('new') });
    expect(plane.opened.map(({ secret }) => secret?.['password'])).toEqual(['old', 'new']);
  });

  test('is opened anew when the keys change that may sign, and so is what it declares elsewhere', async () => {
    await plane.start();
    const source = { repository: url };
    const keys = (text: string): string =>
      JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'signers' }, stringData: { text } });
    const declared = { 'root/db.yaml': declare('db', { path: 'db', source, verify: { secretRef: { name: 'signers' } } }) };
    await plane.push({ ...declared, 'root/s.yaml': keys('old') });
    plane.others
      .get(url)
      ?.commit({ files: { 'db/in.yaml': declare('inner', { path: 'x', source: { repository: `${url}2` } }) } });
    await plane.clock.advance(60_000);
    await plane.push({ ...declared, 'root/s.yaml': keys('new') });
    const opened = plane.opened.map(
      ({ path, verify }) => `${path} ${verify?.mode} ${verify?.keys.map(({ text }) => text).join()}`,
    );
    expect(opened.toSorted()).toEqual(['db head new', 'db head old', 'x head new', 'x head old']);
  });
});

describe('a single run', () => {
  test('ends when all have ended, and the next one writes nothing', async () => {
    const first = await plane.start({ once: true });
    await plane.push({ ...web, ...db });
    expect(await first.outcome).toMatchObject({
      outcome: 'live',
      applications: [
        { application: 'db', outcome: 'live' },
        { application: 'web', outcome: 'live' },
      ],
    });
    await plane.stop();
    const before = plane.store.revision();
    const second = await plane.start({ once: true });
    await plane.clock.advance(60_000);
    expect(await second.outcome).toMatchObject({ outcome: 'live', applications: [{ actions: [] }, { actions: [] }] });
    expect(plane.store.revision()).toBe(before);
  });

  test('tells of one that is not live', async () => {
    const run = await plane.start({ once: true });
    await plane.push({ ...web, ...db, 'apps/web/d.yaml': webOf('web', 'bad:1') }, 12);
    expect(await run.outcome).toMatchObject({
      outcome: 'live',
      applications: [
        { application: 'db', outcome: 'live' },
        { application: 'web', outcome: 'failed' },
      ],
    });
  });
});

describe('somebody who waits beside the controller', () => {
  const bad = { ...web, ...db, 'apps/web/d.yaml': webOf('web', 'bad:1') };
  const waiting = (application?: string) => plane.conclude(application, { pinned: {}, untilMs: plane.clock.now() + 600_000 });

  test('hears of the application of the command line and all below it', async () => {
    await plane.start();
    await plane.push({ ...web, ...db });
    const id = plane.source.add({ files: { ...web, ...db, 'apps/db/d.yaml': webOf('db', 'web:2') } });
    plane.source.moveQuietly(id);
    const ending = waiting();
    await plane.clock.advance(20_000);
    expect(await ending).toMatchObject({
      application: 'root',
      outcome: 'live',
      commit: { id },
      applications: [
        { application: 'db', outcome: 'live', commit: { id }, actions: [{ name: 'db' }] },
        { application: 'web', outcome: 'live', commit: { id }, actions: [] },
      ],
    });
  });

  test('hears of one that follows another at the commit that the other came to, and of no other', async () => {
    await plane.start();
    await plane.push({ ...web, ...db });
    const id = plane.source.add({ files: bad });
    plane.source.moveQuietly(id);
    const [one, other] = [waiting('web'), waiting('db')];
    await plane.clock.advance(590_000);
    expect(await one).toMatchObject({ application: 'web', outcome: 'rolled-back', commit: { id } });
    expect(await other).toMatchObject({ application: 'db', outcome: 'live', commit: { id } });
  });

  test('hears why one that follows another does not get the commit', async () => {
    await plane.start();
    await plane.push({ ...web, ...db });
    const id = await plane.push({ ...web, ...db, 'root/x.yaml': 'kind: [' });
    expect(await Promise.all([waiting('web'), plane.clock.advance(1_000)])).toMatchObject([
      {
        application: 'web',
        outcome: 'invalid',
        commit: { id },
        message: expect.stringMatching(/^application root, which it follows, is not live: /),
      },
      undefined,
    ]);
  });
});
