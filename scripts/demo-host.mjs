// What the demo does to its host: a Git repository, a running controller, commands that are shown, and waiting for what is to happen.
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { dockerRequest } from './engine.mjs';
import { root } from './setup.mjs';

const CLUSTER = 'demo';
/** Apart from a web server that this host may have. */
const INGRESS_PORTS = { http: 18080, https: 18443 };
const INGRESS_HOST = 'shop.example';
const STEP_DEADLINE_MS = 90_000;
const LOOK_AGAIN_MS = 300;
const LABEL = encodeURIComponent(JSON.stringify({ label: [`holdfast.dev/cluster=${CLUSTER}`] }));
const main = join(root, 'dist', 'main.js');
const paint = (code, text) => (process.stdout.isTTY && !process.env.NO_COLOR ? `\u001B[${code}m${text}\u001B[0m` : text);
const indent = (text) => text.trimEnd().replace(/^/gm, '   ');

export class DemoHost {
  #folder;
  #dockerHost;
  #signal;
  #steps = 0;
  #controller;
  /** Name of the application: the last part of the path. */
  #application = 'shop';

  constructor(folder, dockerHost, signal) {
    this.#folder = folder;
    this.#dockerHost = dockerHost;
    this.#signal = signal;
  }

  say = (text) => console.log(text === '' ? '' : indent(text));
  title = (text) => console.log(`\n${paint(1, `${++this.#steps}. ${text}`)}`);

  get source() {
    return ['--repo', '.', '--path', 'shop'];
  }

  get #repository() {
    return join(this.#folder, 'repository');
  }

  get #env() {
    return {
      ...process.env,
      DOCKER_HOST: this.#dockerHost,
      HOLDFAST_DATA_DIR: join(this.#folder, 'data'),
      HOLDFAST_CLUSTER: CLUSTER,
      GIT_AUTHOR_NAME: 'Demo Team',
      GIT_AUTHOR_EMAIL: 'team@example.com',
      GIT_COMMITTER_NAME: 'Demo Team',
      GIT_COMMITTER_EMAIL: 'team@example.com',
    };
  }

  #run(command, args) {
    const { stdout, stderr, status } = spawnSync(command, args, { cwd: this.#repository, env: this.#env, encoding: 'utf8' });
    return { output: `${stderr}${stdout}`, stdout, status };
  }

  /** Runs a program in the repository and shows the command and what it prints. */
  show(command, ...args) {
    this.#echo([command, ...args]);
    const { output, status } = this.#run(command, args);
    this.say(output);
    if (status !== 0) throw new Error(`${command} ended with ${status}`);
  }

  /** Runs holdfast, shows the command, what it prints and, unless it is 0, its exit code. */
  holdfast(...args) {
    this.#echo(['holdfast', ...args]);
    const { output, status } = this.#run(process.execPath, [main, ...args]);
    this.say(output);
    if (status !== 0) this.say(paint(2, `(exit code ${status})`));
  }

  #echo(words) {
    console.log(`   ${paint(36, `$ ${words.map((word) => (/[\s'"]/.test(word) ? JSON.stringify(word) : word)).join(' ')}`)}`);
  }

  createRepository() {
    cpSync(join(root, 'examples-repo'), this.#repository, { recursive: true });
    for (const args of [
      ['init', '-q', '-b', 'main'],
      ['add', '.'],
      ['commit', '-q', '-m', 'Open the shop'],
    ]) {
      const { status, output } = this.#run('git', args);
      if (status !== 0) throw new Error(`git ${args[0]}: ${output}`);
    }
  }

  edit(file, change) {
    const path = join(this.#repository, file);
    writeFileSync(path, change(readFileSync(path, 'utf8')));
  }

  /** Leaves nothing but the namespace. */
  removeManifests() {
    for (const file of ['web.yaml', 'prices.yaml', 'ingress.yaml', 'orders.yaml', 'stock.yaml', 'backup.yaml', 'worker.yaml'])
      rmSync(join(this.#repository, 'shop', file));
  }

  /** Commits all changes, after showing their lines, or only which files they are in. Every string is a paragraph of the message. */
  commit(message, { details = true } = {}) {
    const form = details ? ['--unified=0'] : ['--stat'];
    const lines = this.#run('git', ['diff', '--no-color', ...form]).stdout.split('\n');
    this.say(lines.filter((line) => !details || /^[+-](?!--|\+\+)/.test(line)).join('\n'));
    this.show('git', 'commit', '-q', '-a', ...message.flatMap((paragraph) => ['-m', paragraph]));
  }

  /** How the controller is started here, beside the source. */
  get node() {
    return ['--ingress-ports', `${INGRESS_PORTS.http},${INGRESS_PORTS.https}`];
  }

  async startController() {
    const args = ['reconcile', ...this.source, ...this.node];
    this.#echo(['holdfast', ...args, '&']);
    this.#controller = spawn(process.execPath, [main, ...args], {
      cwd: this.#repository,
      env: this.#env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.#controller.stdout, this.#controller.stderr]) {
      createInterface({ input: stream }).on('line', (line) => console.log(paint(2, `   │ ${line}`)));
    }
  }

  async stopController() {
    const controller = this.#controller;
    if (controller === undefined || controller.exitCode !== null) return;
    const ended = new Promise((resolve) => controller.once('exit', resolve));
    controller.kill('SIGINT');
    await ended;
    this.#controller = undefined;
  }

  #status() {
    const { stdout } = this.#run(process.execPath, [main, 'status', '--output', 'json']);
    const text = stdout.trim();
    if (text === '') return {};
    return JSON.parse(text).applications?.find((application) => application.name === this.#application)?.status ?? {};
  }

  #head() {
    return this.#run('git', ['rev-parse', 'HEAD']).stdout.trim();
  }

  async #until(what, isReached) {
    const deadline = Date.now() + STEP_DEADLINE_MS;
    for (;;) {
      if (this.#signal.aborted) throw new Error('interrupted');
      if (this.#controller !== undefined && this.#controller.exitCode !== null) throw new Error('the controller ended');
      if (await isReached()) return;
      if (Date.now() > deadline) throw new Error(`${what} did not happen within ${STEP_DEADLINE_MS / 1000} s`);
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
    }
  }

  async untilLive() {
    const head = this.#head();
    await this.#until('the commit becoming live', () => {
      const { lastGood, health } = this.#status();
      return lastGood?.id === head && health === 'Healthy';
    });
  }

  async untilRolledBack() {
    const head = this.#head();
    await this.#until('the rollback', () => {
      const { quarantined, attempt, health } = this.#status();
      return quarantined?.commit.id === head && attempt === undefined && health === 'Healthy';
    });
  }

  /** Our running web containers. */
  async #webContainers() {
    const containers = await dockerRequest(this.#dockerHost, 'GET', `/containers/json?filters=${LABEL}`);
    return containers
      .filter((container) => container.Labels['holdfast.dev/container'] === 'httpd')
      .map((container) => ({ id: container.Id, name: container.Names[0].slice(1), pod: container.Labels['holdfast.dev/pod'] }));
  }

  async killOneWebContainer() {
    const [first] = await this.#webContainers();
    if (first === undefined) throw new Error('there is no web container');
    this.#echo(['docker', 'kill', first.name]);
    await dockerRequest(this.#dockerHost, 'POST', `/containers/${first.id}/kill`);
    return first;
  }

  async untilHealed({ id, pod }) {
    await this.#until('a new container', async () => {
      const successor = (await this.#webContainers()).find((container) => container.pod === pod && container.id !== id);
      return successor !== undefined && this.#status().health === 'Healthy';
    });
  }

  #page(pod) {
    return this.#run(process.execPath, [main, 'exec', pod, '-n', 'shop', '--', 'wget', '-qO-', 'http://127.0.0.1:8080/']).stdout;
  }

  async untilPageSays(text) {
    await this.#until(`the page saying "${text}"`, async () => {
      const [first] = await this.#webContainers();
      return first !== undefined && this.#page(first.pod).includes(text);
    });
  }

  /** Asks a web pod for its page. */
  showPage() {
    const { stdout } = this.#run(process.execPath, [main, 'get', 'pods', '-n', 'shop', '-o', 'name']);
    const pod =
      stdout
        .split('\n')
        .find((name) => name.includes('web-'))
        ?.replace(/^.*\//, '') ?? '';
    this.holdfast('exec', pod, '-n', 'shop', '--', 'wget', '-qO-', 'http://127.0.0.1:8080/');
  }

  /** Asks from outside, by the Ingress, which takes a moment to know a certificate after a commit is live. */
  async showFromOutside(path) {
    const ask = () =>
      new Promise((resolve) => {
        const options = {
          host: '127.0.0.1',
          port: INGRESS_PORTS.https,
          path,
          servername: INGRESS_HOST,
          rejectUnauthorized: false,
        };
        get({ ...options, headers: { host: INGRESS_HOST } }, (answer) => {
          const chunks = [];
          const { subject } = answer.socket.getPeerCertificate();
          answer.on('data', (chunk) => chunks.push(chunk));
          answer.on('end', () =>
            resolve({ status: answer.statusCode, body: Buffer.concat(chunks).toString(), name: subject?.CN }),
          );
        }).on('error', (error) => resolve({ status: error.message }));
      });
    this.#echo([
      'curl',
      '-k',
      '--connect-to',
      `${INGRESS_HOST}:443:127.0.0.1:${INGRESS_PORTS.https}`,
      `https://${INGRESS_HOST}${path}`,
    ]);
    let answer = {};
    await this.#until('an answer from outside', async () => {
      answer = await ask();
      return answer.status === 200;
    });
    this.say(answer.body);
    this.say(paint(2, `(answered with the certificate of ${answer.name})`));
  }

  async showWhatIsLeft() {
    const containers = await dockerRequest(this.#dockerHost, 'GET', `/containers/json?all=1&filters=${LABEL}`);
    const { Volumes } = await dockerRequest(this.#dockerHost, 'GET', `/volumes?filters=${LABEL}`);
    const isOfPods = (name) => !name.endsWith('._network');
    const left = containers.filter(({ Names }) => isOfPods(Names[0])).length;
    const volumes = (Volumes ?? []).map(({ Name }) => Name).filter(isOfPods);
    this.say(`Left on this host: ${left} containers of pods, the network container, and the volumes ${volumes.join(', ')}.`);
    this.say('Data is never deleted because a manifest is. The demo removes its volumes itself now.');
  }

  /** Stops everything and removes whatever carries the demo's label. Harmless at any moment. */
  async cleanUp() {
    await this.stopController();
    // What the network has in the kernel does not go with its container.
    if (existsSync(this.#repository)) this.#run(process.execPath, [main, 'uninstall', '--yes', '--pods']);
    const call = (method, path) => dockerRequest(this.#dockerHost, method, path).catch(() => undefined);
    for (const { Id } of (await call('GET', `/containers/json?all=1&filters=${LABEL}`)) ?? [])
      await call('DELETE', `/containers/${Id}?force=1&v=1`);
    for (const { Name } of (await call('GET', `/volumes?filters=${LABEL}`))?.Volumes ?? [])
      await call('DELETE', `/volumes/${Name}`);
    for (const { Id } of (await call('GET', `/networks?filters=${LABEL}`)) ?? []) await call('DELETE', `/networks/${Id}`);
  }
}
