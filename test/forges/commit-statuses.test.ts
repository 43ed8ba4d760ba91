// Statuses of commits from the control plane to the forge: which forge and which token, over a real connection and on virtual time.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { statusTargets } from '../../src/forges/commit-statuses.ts';
import type { StoredOf } from '../../src/model/resource.ts';
import type { Outcome } from '../../src/sync/outcome.ts';
import { httpForgeClient } from '../../src/transport/forge-client.ts';
import { ScriptedForge } from '../support/scripted-forge.ts';
import { declare, SeveralApplications, webOf } from '../support/several-applications.ts';

const ROOT = { name: 'root', repo: 'https://git.example/acme/shop.git' };
const MINUTE_MS = 60_000;

describe('a whole control plane', () => {
  let world: SeveralApplications;
  let forge: ScriptedForge;
  let foreign: ScriptedForge;
  beforeEach(() => {
    world = new SeveralApplications(ROOT.repo);
    forge = new ScriptedForge('gitea');
    foreign = new ScriptedForge('gitlab', 'OTHER');
    world.statuses = {
      client: { send: (request, signal) => (request.url.includes('//git.') ? forge : foreign).send(request, signal) },
      targetOf: statusTargets({ commitStatusToken: 'T0K3N', commitStatusForge: 'gitea' }, ROOT),
    };
  });
  afterEach(async () => {
    await world.stop();
  });

  const web = (image: string) => ({ 'root/web.yaml': webOf('web', image) });

  test('tells of commits that are live, taken back and refused', async () => {
    await world.start();
    const first = await world.push(web('web:1'));
    const bad = await world.push(web('bad:1'), 10);
    const refused = await world.push({ 'root/web.yaml': 'kind: [' });
    const states = (id: string) =>
      forge.shown.filter(({ commit }) => commit === id).map((each) => `${each.state} ${each.description}`);
    expect(states(first)).toEqual(['pending under way', 'success live']);
    expect(states(bad)[0]).toBe('pending under way');
    expect(states(bad)[1]).toMatch(
      /^failure rolled back: it cannot become healthy: deployment\/web: .*CrashLoopBackOff after 3 restarts/,
    );
    expect(states(bad)).toHaveLength(2);
    expect(states(refused)).toEqual([expect.stringMatching(/^failure refused: .*web.yaml:1/)]);
    expect(new Set(forge.shown.map(({ context }) => context))).toEqual(new Set(['holdfast/test/root']));
  });

  test('repeats nothing after a restart, and waits for no forge', async () => {
    forge.trouble = () => 'hangs';
    await world.start();
    const first = await world.push(web('web:1'));
    expect(world.status('root').lastGood?.id).toBe(first);
    forge.trouble = () => undefined;
    await world.clock.advance(10 * MINUTE_MS);
    await world.restart();
    await world.clock.advance(10 * MINUTE_MS);
    expect(forge.statesOf(first)).toEqual(['success']);
  });

  test('a single run ends when the forge knows', async () => {
    const id = world.source.commit({ files: web('web:1') });
    forge.trouble = () => 'cut';
    world.clock.after(2_000, () => {
      forge.trouble = () => undefined;
    });
    const { outcome } = await world.start({ once: true });
    let ended: Outcome | undefined;
    void outcome.then((reached) => {
      ended = reached;
    });
    await world.clock.runUntil(() => ended !== undefined, 5 * MINUTE_MS);
    expect(ended?.outcome).toBe('live');
    expect(forge.statesOf(id).at(-1)).toBe('success');
  });

  test('a single run ends without a forge that hangs', async () => {
    world.source.commit({ files: web('web:1') });
    forge.trouble = () => 'hangs';
    const { outcome } = await world.start({ once: true });
    let ended: Outcome | undefined;
    void outcome.then((reached) => {
      ended = reached;
    });
    await world.clock.runUntil(() => ended !== undefined, 5 * MINUTE_MS);
    expect(ended?.outcome).toBe('live');
    expect(forge.shown).toEqual([]);
  });

  test('declared applications have contexts of their own, and other repositories tokens of their own', async () => {
    const url = 'https://gitlab.other.example/team/api.git';
    const token = { statusToken: Buffer.from('OTHER').toString('base64') };
    const source = { repository: url, secretRef: { name: 'api' } };
    await world.start();
    const id = await world.push({
      'root/api.yaml': declare('api', { path: '', source }),
      'root/near.yaml': declare('near', { path: 'near' }),
      'root/key.yaml': JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'api' }, data: token }),
      'near/web.yaml': webOf('near', 'web:1'),
    });
    const other = world.others.get(url)?.commit({ files: { 'web.yaml': webOf('api', 'web:1') } }) ?? '';
    await world.clock.advance(2 * MINUTE_MS);
    expect(forge.statesOf(id, 'holdfast/test/root').at(-1)).toBe('success');
    expect(forge.statesOf(id, 'holdfast/test/near').at(-1)).toBe('success');
    expect(foreign.shown.at(-1)).toEqual({
      repository: 'team/api',
      commit: other,
      state: 'success',
      context: 'holdfast/test/api',
      description: 'live',
    });
    expect(forge.shown.some(({ context }) => context.endsWith('/api'))).toBe(false);
    const told = JSON.stringify(world.store.list('Application'));
    expect(told.includes('OTHER') || told.includes('T0K3N')).toBe(false);
  });
});

describe('the token of the command line', () => {
  const world = new SeveralApplications();
  const declared = (repo: string, source?: object): StoredOf<'Application'> => {
    const annotations = { 'holdfast.dev/application': 'root' };
    const metadata = { name: 'api', annotations, uid: 'u', resourceVersion: '1', generation: 1, creationTimestamp: '' };
    const spec = { repo, revision: '', path: '', timeoutSeconds: 1, ...(source === undefined ? {} : { source }) };
    return { apiVersion: 'holdfast.dev/v1', kind: 'Application', metadata, spec };
  };
  const choices = { commitStatusToken: 'T0K3N', commitStatusForge: 'gitea', commitStatusApi: 'https://api.example/v1' };

  test('goes to the API that was named, for all repositories of its host', () => {
    const at = (repository: string) => ({ place: { forge: 'gitea', api: 'https://api.example/v1', repository }, token: 'T0K3N' });
    const targetOf = statusTargets(choices, ROOT);
    expect(targetOf(declared('http://git.example/acme/api', { repository: 'x' }), world.store)).toEqual(at('acme/api'));
    expect(targetOf(declared('https://evil.example/acme/api', { repository: 'x' }), world.store)).toBeUndefined();
  });

  test('is read anew from its file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-'));
    const file = join(folder, 'token');
    const targetOf = statusTargets({ commitStatusTokenFile: file, commitStatusForge: 'gitea' }, ROOT);
    const target = () => targetOf(declared('https://git.example/acme/api'), world.store);
    expect(target()).toEqual({ fault: `the file ${file} with the token of commit statuses cannot be read` });
    writeFileSync(file, '');
    expect(target()).toEqual({ fault: `the file ${file} with the token of commit statuses is empty` });
    writeFileSync(file, 'NEW\n');
    expect(target()).toMatchObject({ token: 'NEW' });
    rmSync(folder, { recursive: true });
  });

  test('needs a repository on a forge', () => {
    expect(() => statusTargets(choices, { name: 'root', repo: '/srv/shop' })).toThrow('/srv/shop is on no forge');
    expect(() => statusTargets({ commitStatusToken: 'x' }, ROOT)).toThrow('it is not known which forge git.example is');
    expect(
      statusTargets({}, { name: 'root', repo: '/srv/shop' })(declared('https://github.com/a/b'), world.store),
    ).toBeUndefined();
  });
});

describe('over a connection', () => {
  let forge: ScriptedForge;
  let server: Awaited<ReturnType<ScriptedForge['listen']>>;
  beforeEach(async () => {
    forge = new ScriptedForge('gitea');
    server = await forge.listen();
  });
  afterEach(async () => {
    await server.close();
  });
  const send = (signal = new AbortController().signal, body = '{"state":"success","context":"é"}') =>
    httpForgeClient().send(
      {
        url: `http://127.0.0.1:${server.port}/api/v1/repos/acme/shop/statuses/${'a'.repeat(40)}`,
        headers: { authorization: 'token T0K3N', 'content-type': 'application/json', 'user-agent': 'holdfast' },
        body,
      },
      signal,
    );

  test('a status arrives as it is', async () => {
    forge.headers = { 'x-ratelimit-remaining': '3' };
    expect(await send()).toMatchObject({ status: 201, headers: { 'x-ratelimit-remaining': '3' } });
    expect(forge.shown).toMatchObject([{ repository: 'acme/shop', state: 'success', context: 'é' }]);
  });

  test('redirects are not followed, and long answers are cut', async () => {
    forge.trouble = () => ({
      status: 302,
      headers: { location: `http://127.0.0.1:${server.port}/elsewhere` },
      body: 'x'.repeat(100_000),
    });
    const { status, body } = await send();
    expect([status, body.length <= 16_384, forge.calls]).toEqual([302, true, 1]);
  });

  test('a connection that is cut, and nobody there', async () => {
    forge.trouble = () => 'cut';
    await expect(send()).rejects.toMatchObject({ code: 'NOT_DELIVERED', message: 'the connection was cut' });
    await server.close();
    await expect(send()).rejects.toMatchObject({ code: 'NOT_DELIVERED', message: 'nobody listens there' });
  });

  test('who never answers is left when the time is over', async () => {
    const aborter = new AbortController();
    forge.trouble = () => {
      aborter.abort(new Error('over'));
      return 'hangs';
    };
    await expect(send(aborter.signal)).rejects.toThrow('over');
  });
});
