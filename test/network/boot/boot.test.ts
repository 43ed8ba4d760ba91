// The container by itself: what it programs at its start, keeps programmed, and runs, while nobody tells it anything. In a real kernel.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { callEngine, hostOfEnvironment } from '../../../scripts/engine-api.mjs';
import { createNetworkContainer } from '../../../src/docker/network-container.ts';
import { networkContainerName } from '../../../src/docker/network-container-body.ts';
import { networkContainerSpec } from '../../../src/network/boot/container-spec.ts';
import { TAKE_AWAY_SCRIPT } from '../../../src/network/boot/take-away.ts';
import { frameDeclarations } from '../../../src/network/frame.ts';
import type { NodeContainer } from '../../../src/network/node-container.ts';
import { byHand, cleanUp, ensureNetworkImage, testDockerHost, uniqueCluster } from '../../support/docker.ts';

const cluster = uniqueCluster('boot');
const table = `hf-${cluster}`;
const never = (): AbortSignal => new AbortController().signal;
const parts = [
  {
    name: 'daemon',
    order: 30,
    service: 'echo begun >>/state/begun; exec sleep 600',
    uninstall: 'echo daemon >>/state/uninstalled',
  },
  {
    name: 'broken',
    order: 40,
    boot: 'exit 9',
    service: 'echo x >>/state/tries; exit 3',
    uninstall: 'echo broken >>/state/uninstalled',
  },
  {
    name: 'checked',
    order: 50,
    boot: 'cp /state/wanted /tmp/there 2>/dev/null',
    check: '[ ! -e /state/wanted ] || cmp -s /state/wanted /tmp/there || echo it is another',
  },
];
const FRAME = `table ip ${table} {
  map services { type ipv4_addr . inet_proto . inet_service : verdict; }
  chain pre { type filter hook prerouting priority -310; ip daddr . meta l4proto . th dport vmap @services; }
}
table bridge ${table} {
  chain pre { type filter hook prerouting priority -310; }
}
`;
const rulesOf = (name: string, address: string): string => `add chain ip ${table} ${name}
add rule ip ${table} ${name} counter
add element ip ${table} services { ${address} . tcp . 80 : goto ${name} }
`;
let container: NodeContainer;

const sh = async (script: string): Promise<string> => {
  const { exitCode, output } = await container.run(script, never());
  return exitCode === 0 ? output.trim() : `exit ${exitCode}: ${output.trim()}`;
};
const write = (path: string, content: string): Promise<string> => sh(`cat >${path} <<'END'\n${content}END`);
/** The chains that are programmed; empty when the table is not there. */
const chains = async (): Promise<string> =>
  await sh(`nft list table ip ${table} 2>/dev/null | sed -n 's/^\\tchain \\(.*\\) {$/\\1/p' | sort | tr '\\n' ' '`);
const until = async (look: () => Promise<string>, wanted: string): Promise<void> => {
  await expect.poll(() => look().catch(String), { timeout: 20_000, interval: 50 }).toBe(wanted);
};
const deleteTables = `nft delete table ip ${table}; nft delete table bridge ${table}`;

beforeAll(async () => {
  const spec = networkContainerSpec({ cluster }, await ensureNetworkImage(), parts);
  container = createNetworkContainer({ cluster, host: testDockerHost() });
  await container.ensure(spec, never());
  await write('/state/frame.nft', FRAME);
  await write('/state/rules/service~shop~web.nft', rulesOf('web', '10.96.0.7'));
  await write('/state/rules/service~shop~db.nft', rulesOf('db', '10.96.0.8'));
});
beforeEach(async () => {
  await until(chains, 'db pre web');
});
afterAll(async () => {
  await sh(deleteTables).catch(() => {});
  container.close();
  await cleanUp(cluster);
});

describe('the rules', () => {
  test('come back when somebody flushes them', async () => {
    await sh(deleteTables);
    await until(chains, 'db pre web');
    await sh(`nft delete table bridge ${table}`);
    await until(() => sh(`nft list tables bridge | grep -F ${table}`), `table bridge ${table}`);
  });

  test('come back too where the frame has one table, as those of nodes do', async () => {
    const one = [{ ip: FRAME.split('\n').slice(1, 3) }];
    await write('/state/frame.nft', frameDeclarations({ cluster }, one));
    await sh(deleteTables);
    await until(chains, 'db pre web');
    expect(await sh('nft list tables bridge')).not.toContain(table);
    await sh(`nft delete table ip ${table}`);
    await until(chains, 'db pre web');
    await write('/state/frame.nft', FRAME);
  });

  test('are programmed when the container starts, however it ended', async () => {
    await sh(`echo 'add chain ip ${table} later' >/state/rules/later.nft`);
    await sh('kill -TERM 1').catch(() => {});
    await until(chains, 'db later pre web');
    await sh(`rm /state/rules/later.nft; ${deleteTables}`);
    await byHand('POST', `/containers/${networkContainerName(cluster)}/restart?t=0`);
    await until(chains, 'db pre web');
  });

  test('that are broken leave what is programmed, and cost nobody else his', async () => {
    await sh(`echo 'add rule ip ${table} nowhere counter' >/state/rules/broken.nft`);
    await sh('kill -TERM 1').catch(() => {});
    await until(chains, 'db pre web');
    await sh(deleteTables);
    await until(chains, 'db pre web');
    await sh('rm /state/rules/broken.nft');
  });

  test('are not looked at while a script changes them', async () => {
    expect(await sh(`${deleteTables}; sleep 3; nft list tables | grep -c ${table}`)).toBe('exit 1: 0');
    await until(chains, 'db pre web');
  });
});

describe('the daemons', () => {
  const alive = (): Promise<string> => sh('tell daemon && echo yes || echo no');

  test('run while they are enabled, and again when they died', async () => {
    expect(await alive()).toBe('no');
    await sh('touch /state/daemon.enabled; wake');
    await until(alive, 'yes');
    const first = await sh('cat $run/daemon.pid');
    await sh('tell daemon KILL');
    await until(async () => `${await alive()} ${(await sh('cat $run/daemon.pid')) !== first}`, 'yes true');
    await sh('rm /state/daemon.enabled; wake');
    await until(alive, 'no');
    await until(() => sh('wc -l </state/begun'), '2');
  });

  test('that cannot run are tried again, ever more rarely, and hold up nobody', async () => {
    await sh('touch /state/broken.enabled /state/daemon.enabled; wake');
    await until(async () => ((await sh('wc -l </state/tries')) >= '2' ? 'again' : 'once'), 'again');
    await until(alive, 'yes');
    await sh('rm /state/broken.enabled');
  });

  test('run after a restart of the container; nothing is left of the dead', async () => {
    await sh('touch /state/daemon.enabled');
    await byHand('POST', `/containers/${networkContainerName(cluster)}/restart?t=5`);
    await until(alive, 'yes');
    expect(await sh("ps -o stat,args | grep '^Z' | wc -l")).toBe('0');
    await sh('rm /state/daemon.enabled; wake');
    await until(alive, 'no');
  });
});

test('what a check complains of is programmed again', async () => {
  await sh('echo new >/state/wanted');
  await until(() => sh('cat /tmp/there 2>/dev/null'), 'new');
});

test('a script that never ends is ended when another one has waited long enough', async () => {
  // The group of its shell, as the lock of the one that waits would do.
  const endless = container.run('sleep 600', AbortSignal.timeout(300)).then(String, String);
  expect(await endless).toContain('given up');
  const other = createNetworkContainer({ cluster, host: testDockerHost() });
  const waiting = other.run('echo next', never());
  const { Id } = (await byHand('POST', `/containers/${networkContainerName(cluster)}/exec`, {
    Cmd: ['sh', '-c', 'kill -9 -$(cat /run/holdfast/holder)'],
  })) as { Id: string };
  await byHand('POST', `/exec/${Id}/start`, { Detach: true });
  expect((await waiting).output).toBe('next\n');
  other.close();
});

test('a script that waits is not run when another one keeps the network by now', async () => {
  const owner = (): NodeContainer => createNetworkContainer({ cluster, host: testDockerHost(), isOwner: true });
  const [first, second] = [owner(), owner()];
  expect((await first.run('echo first', never())).output).toBe('first\n');
  // Somebody else has the lock: the script of the first one waits, and who sent it gives up.
  const busy = container.run('log it is busy; while [ ! -e /tmp/go ]; do usleep 20000; done', never());
  const path = `/containers/${networkContainerName(cluster)}/logs?stdout=1`;
  await expect
    .poll(async () => (await callEngine(hostOfEnvironment(), 'GET', path)).body.toString(), { timeout: 20_000 })
    .toContain('it is busy');
  const late = first.run('echo late >/state/late', AbortSignal.timeout(500)).then(String, String);
  expect(await late).toContain('given up');
  // The next one comes while both wait: whichever has the lock first, what was given up does nothing after it has come.
  const look = 'cat /state/late 2>/dev/null || echo nothing';
  const taken = second.run(look, never());
  const { Id } = (await byHand('POST', `/containers/${networkContainerName(cluster)}/exec`, {
    Cmd: ['touch', '/tmp/go'],
  })) as { Id: string };
  await byHand('POST', `/exec/${Id}/start`, { Detach: true });
  await busy;
  const seen = (await taken).output;
  expect((await second.run(look, never())).output).toBe(seen);
  // What was waiting has its turn before what comes now.
  expect((await first.run(look, never())).output).toBe(seen);
  await expect(second.run(look, never())).rejects.toThrow('has ended');
  first.close();
  second.close();
});

test('everything is taken away, and stays away', async () => {
  await sh('touch /state/daemon.enabled; wake');
  expect(await sh(TAKE_AWAY_SCRIPT)).toBe('');
  expect(await sh('cat /state/uninstalled; ls /state/rules; ls /state | grep enabled || true')).toBe('broken\ndaemon');
  expect(await sh('sleep 3; nft list tables')).not.toContain(table);
  await write('/state/frame.nft', FRAME);
  await write('/state/rules/db.nft', rulesOf('db', '10.96.0.8'));
  await write('/state/rules/web.nft', rulesOf('web', '10.96.0.7'));
  await sh('kill -TERM 1').catch(() => {});
});
