// Stories of the engine, the host and people at it.
import { EngineError } from '../../src/kubelet/engine/container-engine.ts';
import { type Stage, withImage } from './stage.ts';
import type { Chapter, Story } from './story.ts';

const untouched = '2 × app:1, untouched';
const rolled = '2 × app:2, never fewer than 2';
const MINUTE_MS = 60_000;
const noSpace = new EngineError('Failed', 'no space left on device');

/** The engine does not answer for a while. */
async function outage(stage: Stage, ms: number): Promise<void> {
  stage.engineGoes();
  await stage.pass(ms);
  stage.engineComes();
}

/** Calls of some kinds fail for ten minutes, from the moment at which a commit is pushed. */
async function commitWhile(
  stage: Stage,
  fault: (call: string) => EngineError | 'hang' | 'late-success' | undefined,
): Promise<void> {
  stage.world.fault = fault;
  const id = stage.push(withImage('app:2'));
  await stage.pass(2 * MINUTE_MS);
  stage.world.fault = () => undefined;
  stage.world.invariants.faultHappened('calls');
  await stage.live(id);
}

export const hostStories: Chapter = {
  title: 'The engine and its host',
  stories: [
    {
      name: 'Docker is down for ten minutes',
      when: 'The engine does not answer; containers go on.',
      play: async (stage) => {
        await outage(stage, 10 * MINUTE_MS);
        await stage.until('the node is ready', () => stage.isNodeReady());
      },
      runs: untouched,
      told: ['the engine does not answer'],
    },
    {
      name: 'Docker is down when a commit comes',
      when: 'The engine does not answer for ten minutes, and a commit is pushed meanwhile.',
      play: async (stage) => {
        stage.engineGoes();
        await stage.pass(MINUTE_MS);
        const id = stage.push(withImage('app:2'));
        await stage.pass(9 * MINUTE_MS);
        stage.engineComes();
        await stage.live(id);
      },
      runs: rolled,
      told: ['the engine does not answer'],
    },
    {
      name: 'Docker is restarted',
      when: 'The engine restarts without `live-restore`: all containers end, and it answers again after five seconds.',
      play: async (stage) => {
        stage.hostGoes();
        await outage(stage, 5_000);
        await stage.until('two run', () => stage.containers('web').length === 2);
      },
      runs: '2 × app:1, none for 10 s',
      told: ['EngineUnreachable: the engine does not answer', 'Pod sandbox changed, it will be killed and re-created'],
    },
    {
      name: 'The host is rebooted',
      when: 'Everything ends, the controller too; it starts again with the host.',
      play: async (stage) => {
        stage.world.killNow();
        stage.hostGoes();
        await outage(stage, 30_000);
        await stage.until('two run', () => stage.containers('web').length === 2);
      },
      runs: '2 × app:1, none for 1 min',
      told: ['last exit code 137 (Error)'],
    },
    {
      name: 'The host is rebooted in the middle of a rollout',
      when: 'The same, while a commit is being rolled out.',
      play: async (stage) => {
        const id = stage.push(withImage('app:2'));
        await stage.phase(id, 'verifying', () => {
          stage.world.killNow();
          stage.hostGoes();
        });
        await stage.live(id);
      },
      runs: '2 × app:2, none for 10 s',
      told: [],
    },
    {
      name: 'The disk is full when an image is pulled',
      when: 'There is no room for the new image for two minutes.',
      play: async (stage) => commitWhile(stage, (call) => (call === 'pull' ? noSpace : undefined)),
      runs: rolled,
      told: ['no space left on device'],
    },
    {
      name: 'The disk is full when containers are created',
      when: 'The engine cannot create containers for two minutes.',
      play: async (stage) => commitWhile(stage, (call) => (call === 'create' ? noSpace : undefined)),
      runs: rolled,
      told: ['no space left on device'],
    },
    {
      name: 'The disk is full and stays full',
      when: 'The engine cannot create containers any more; a commit wants some.',
      play: async (stage) => {
        stage.world.fault = (call) => (call === 'create' ? noSpace : undefined);
        const id = stage.push(withImage('app:2'));
        await stage.held(id);
      },
      runs: untouched,
      told: ['is not live (rolled-back', 'no space left on device'],
    },
    {
      name: 'The disk is full where the state is kept',
      when: 'Nothing can be written to the store for ten minutes, and a commit is pushed meanwhile.',
      play: async (stage) => {
        stage.storeIsFull = true;
        const id = stage.push(withImage('app:2'));
        await stage.pass(10 * MINUTE_MS);
        stage.storeIsFull = false;
        await stage.live(id);
      },
      runs: rolled,
      told: [],
    },
    {
      name: 'A create that hangs',
      when: 'The engine takes calls to create containers and never answers them, for two minutes.',
      play: async (stage) => commitWhile(stage, (call) => (call === 'create' ? 'hang' : undefined)),
      runs: rolled,
      told: [],
    },
    {
      name: 'Answers that are lost',
      when: 'The engine does what it is asked, and every answer is lost, for two minutes.',
      play: async (stage) =>
        commitWhile(stage, (call) => (['create', 'start', 'remove', 'kill'].includes(call) ? 'late-success' : undefined)),
      runs: rolled,
      told: [],
    },
    {
      name: 'Events that stop',
      when: 'The event stream of the engine stays open and says nothing more; then a container dies.',
      play: async (stage) => {
        stage.world.engine.deafenEvents();
        await stage.pass(MINUTE_MS);
        stage.mishap();
        stage.world.engine.crash(stage.victim().id, 1);
        await stage.until('two run', () => stage.containers('web').length === 2);
      },
      runs: '2 × app:1, never fewer than 1',
      told: ['last exit code 1 (Error)'],
    },
    {
      name: 'A start that fails once',
      when: 'The engine fails to start the first container of a commit, and does it on the next try.',
      play: async (stage) => {
        let failures = 1;
        stage.world.fault = (call) =>
          call === 'start' && failures-- > 0 ? new EngineError('Failed', 'driver failed') : undefined;
        await stage.live(stage.push(withImage('app:2')));
      },
      runs: rolled,
      told: [],
    },
  ],
};

export const handStories: Chapter = {
  title: 'People at the host',
  stories: [
    ...(
      [
        ['docker stop', 'last exit code 143', (stage, id) => stage.world.engine.stopByHand(id)],
        ['docker kill', 'last exit code 137', (stage, id) => stage.world.engine.crash(id, 137)],
        ['docker rm -f', 'the one before was removed by hand', (stage, id) => stage.world.engine.removeByHand(id)],
        ['docker pause', 'was edited by hand (paused no → yes), will be replaced', (stage, id) => stage.world.engine.pause(id)],
        ['docker restart', '', (stage, id) => stage.world.engine.restartByHand(id)],
        [
          'docker update --memory 64m',
          'was edited by hand (memory 0 → 67108864), will be replaced',
          (stage, id) => stage.world.engine.edit(id, { memoryBytes: 2 ** 26 }),
        ],
        ['docker rename', '→ mine), will be replaced', (stage, id) => stage.world.engine.edit(id, { name: 'mine' })],
        [
          'docker network connect',
          'was edited by hand (networks',
          (stage, id) => stage.world.engine.edit(id, { networks: ['bridge'] }),
        ],
      ] satisfies readonly (readonly [string, string, (stage: Stage, id: string) => void])[]
    ).map(
      ([command, told, act]): Story => ({
        name: `Somebody says \`${command}\``,
        when: 'One of two containers is changed behind our back.',
        play: async (stage: Stage) => {
          act(stage, stage.victim().id);
          await stage.pass(MINUTE_MS);
          stage.must(stage.containers('web').length === 2, 'it was not put right');
        },
        runs: '2 × app:1, never fewer than 1',
        told: told === '' ? [] : [told],
      }),
    ),
    {
      name: 'Somebody stops containers in a loop',
      when: 'A script says `docker stop` to all containers every ten seconds for ten minutes.',
      play: async (stage) => {
        for (let round = 0; round < 60; round++) {
          for (const each of stage.containers('web')) {
            stage.world.invariants.touching(each);
            stage.world.engine.stopByHand(each.id);
          }
          await stage.pass(10_000);
        }
        await stage.until('two run', () => stage.containers('web').length === 2);
      },
      runs: '2 × app:1, none for 20 min',
      told: ['CrashLoopBackOff after 5 restarts'],
    },
    {
      name: 'Somebody edits by hand in a loop',
      when: 'A script changes an object of the store back every ten seconds for ten minutes.',
      play: async (stage) => {
        for (let round = 0; round < 60; round++) {
          await stage.edit('ConfigMap', 'texts', { data: { value: 'mine' } });
          await stage.pass(10_000);
        }
        await stage.until(
          'it is put right',
          () => stage.world.store.get('ConfigMap', 'default', 'texts')?.data?.['value'] === 'hello',
        );
      },
      runs: untouched,
      told: [
        'something else keeps changing configmap/texts (data.value: "hello" → "mine"); it is put right again, but less often',
      ],
    },
    {
      name: 'Somebody scales a Deployment by hand',
      when: "The stored Deployment is changed behind Git's back.",
      play: async (stage) => {
        await stage.edit('Deployment', 'web', { spec: { replicas: 5 } });
        await stage.pass(MINUTE_MS);
        stage.must(stage.world.store.get('Deployment', 'default', 'web')?.spec.replicas === 2, 'it was not put right');
      },
      runs: untouched,
      told: ['Drifted: differs in spec.replicas: 2 → 5', 'deployment/web spec.replicas: 2 → 5, put right at'],
      breaks: /the target says/,
    },
    {
      name: 'Somebody deletes a Deployment by hand',
      when: "The stored Deployment is deleted behind Git's back.",
      play: async (stage) => {
        await stage.remove('Deployment', 'web');
        await stage.until('two run', () => stage.containers('web').length === 2 && stage.status.health === 'Healthy');
      },
      runs: '2 × app:1, none for 2 s',
      told: ['Drifted: deployment/web: it was missing'],
      breaks: /no Deployment wanted that/,
    },
    {
      name: 'Somebody removes all containers',
      when: '`docker rm -f $(docker ps -q)`.',
      play: async (stage) => {
        for (const each of stage.world.engine.ourContainers()) {
          stage.world.invariants.touching(each);
          stage.world.engine.removeByHand(each.id);
        }
        await stage.until('two run', () => stage.containers('web').length === 2);
      },
      runs: '2 × app:1, none for 2 s',
      told: ['the one before was removed by hand'],
    },
    {
      name: 'Somebody removes the network',
      when: '`docker network rm` of the network of the pods.',
      play: async (stage) => {
        for (const name of stage.world.engine.networkNames()) stage.world.engine.loseNetwork(name);
        await stage.live(stage.push(withImage('app:2')));
      },
      runs: rolled,
      told: [],
    },
  ],
};
