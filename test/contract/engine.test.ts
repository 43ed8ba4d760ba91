import { BUSYBOX, byHand, cleanUp, ensureBusybox, removeLabelled, testEngine, uniqueCluster } from '../support/docker.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FakeEngine } from '../support/fake-engine.ts';
import { ECHO_PORT, type EngineHarness, engineContract, type Program } from './engine.contract.ts';
import { engineConnectContract } from './engine-connect.contract.ts';
import { engineFilesContract } from './engine-files.contract.ts';

const VIRTUAL_LIMIT_MS = 60_000;
const REAL_LIMIT_MS = 20_000;
const REAL_STEP_MS = 25;

async function fakeHarness(): Promise<EngineHarness> {
  const clock = new FakeClock();
  const programs: readonly Program[] = ['forever', 'exits-3', 'ignores-term', 'cannot-start', 'prints', 'echoes'];
  const engine = new FakeEngine({ clock, images: programs });
  engine.behave('exits-3', { exitAfterMs: 10, exitCode: 3 });
  engine.behave('ignores-term', { ignoresTerm: true });
  engine.behave('cannot-start', { startError: 'exec: "/no/such/program": no such file or directory' });
  engine.behave('prints', { exitAfterMs: 10, prints: ['one', 'two'] });
  return {
    engine,
    cluster: 'contract',
    program: (program) => ({ image: program }),
    makeForeign: async (kind, name) => engine.addForeign(kind, name),
    hasForeign: async (id) => engine.hasForeign(id),
    pause: async (id) => engine.pause(id),
    echoesAt: (address) => void engine.listeners.set(`${address}:${ECHO_PORT}`, (bytes) => bytes),
    until: async (condition) => {
      for (let passed = 0; !(await condition()); passed += 10) {
        if (passed > VIRTUAL_LIMIT_MS) throw new Error('the condition did not come to hold');
        await clock.advance(10);
      }
    },
    close: async () => {},
  };
}

async function dockerHarness(): Promise<EngineHarness> {
  const cluster = uniqueCluster('contract');
  const engine = await testEngine(cluster);
  await ensureBusybox();
  const commands: Record<Program, readonly string[]> = {
    // PID 1 obeys only signals that it handles.
    forever: ['/bin/sh', '-c', "trap 'exit 143' TERM; touch /tmp/ready; while :; do sleep 0.05; done"],
    'exits-3': ['/bin/sh', '-c', 'exit 3'],
    'ignores-term': ['/bin/sh', '-c', "trap '' TERM; touch /tmp/ready; while :; do sleep 0.05; done"],
    'cannot-start': ['/no/such/program'],
    prints: ['/bin/sh', '-c', 'echo one; sleep 0.1; echo two'],
    echoes: ['nc', '-ll', '-p', String(ECHO_PORT), '-e', 'cat'],
  };
  const Labels = { 'holdfast.test/of': cluster };
  return {
    engine,
    cluster,
    program: (program) => ({ image: BUSYBOX, command: commands[program] }),
    makeForeign: async (kind, name) => {
      if (kind === 'container') {
        const body = { Image: BUSYBOX, Cmd: ['sleep', '600'], Labels, HostConfig: { NetworkMode: 'none' } };
        const { Id } = (await byHand('POST', `/containers/create?name=${name}`, body)) as { Id: string };
        return Id;
      }
      if (kind === 'network') await byHand('POST', '/networks/create', { Name: name, Labels });
      else await byHand('POST', '/volumes/create', { Name: name, Labels });
      return name;
    },
    hasForeign: async (id) => {
      const found = (await byHand('GET', `/containers/json?all=1`)) as { Id: string }[];
      return found.some(({ Id }) => Id === id);
    },
    pause: async (id) => {
      await byHand('POST', `/containers/${id}/pause`);
    },
    echoesAt: () => {},
    until: async (condition) => {
      const limit = Date.now() + REAL_LIMIT_MS;
      while (!(await condition())) {
        if (Date.now() > limit) throw new Error('the condition did not come to hold');
        await new Promise((resolve) => {
          setTimeout(resolve, REAL_STEP_MS);
        });
      }
    },
    close: async () => {
      await cleanUp(cluster);
      await removeLabelled(`holdfast.test/of=${cluster}`);
    },
  };
}

engineContract('fake', fakeHarness);
engineContract('Docker', dockerHarness);
engineConnectContract('fake', fakeHarness);
engineConnectContract('Docker', dockerHarness);
engineFilesContract('fake', fakeHarness);
engineFilesContract('Docker', dockerHarness);
