// `holdfast uninstall`: takes the network of a cluster from a Docker host: what was programmed in its kernel, the network container and its state,
// and with --pods everything else but the volumes of claims. Works in steps that can be repeated, so that a broken one is mended by the next.
import type { Command } from 'commander';
import type { ContainerEngine, ContainerSeen, NetworkSeen, VolumeSeen } from '../../kubelet/engine/container-engine.ts';
import { BRIDGE_ROLE, CLUSTER_LABEL, NETWORK_ROLE, PLUG_ROLE, POD_UID_LABEL, ROLE_LABEL } from '../../kubelet/labels.ts';
import { TAKE_AWAY_SCRIPT } from '../../network/boot/take-away.ts';
import { sleep } from '../../system/clock.ts';
import { confirm } from '../confirm.ts';
import type { Finish } from '../endings.ts';
import { callEngine } from '../engine-call.ts';
import { type Parts, type PlaceOptions } from '../parts.ts';
import { count, printable } from '../phrases.ts';
import { addPlaceOptions, placeOptions, type RawPlaceOptions } from '../source-options.ts';
import { UsageFault } from '../usage-fault.ts';

/** How long the host may take for the script. */
const SCRIPT_TIMEOUT_MS = 60_000;
/** How long containers may take to end by themselves, as pods may without another word (terminationGracePeriodSeconds). */
const GRACE_MS = 30_000;
const POLL_MS = 200;

interface RawUninstall extends RawPlaceOptions {
  readonly pods?: true;
  readonly yes?: true;
}

/** What of the cluster is on the engine. */
interface Found {
  readonly container: ContainerSeen | undefined;
  readonly state: VolumeSeen | undefined;
  readonly plug: ContainerSeen | undefined;
  /** What keeps the pod network, as long as there are pods. */
  readonly bridge: ContainerSeen | undefined;
  /** Of pods, and what was made for a moment. */
  readonly containers: readonly ContainerSeen[];
  readonly podCount: number;
  /** Of pods alone: what goes with them. */
  readonly volumes: readonly VolumeSeen[];
  readonly claims: readonly VolumeSeen[];
  readonly networks: readonly NetworkSeen[];
}

export function registerUninstall(program: Command, parts: Parts, finish: Finish): void {
  addPlaceOptions(program.command('uninstall'))
    .description("take a cluster's network from this Docker host, with --pods its pods as well; volumes of claims stay")
    .option('--pods', "also remove all containers of the cluster's pods, their own volumes, and the pod network")
    .option('--yes', 'do not ask')
    .addHelpText('after', '\nExample:\n  holdfast uninstall --pods')
    .action(async (raw: RawUninstall) => finish(await uninstall(raw, parts)));
}

async function uninstall(raw: RawUninstall, parts: Parts): Promise<number> {
  const place = placeOptions(raw, parts);
  const release = await parts.lockCluster(place);
  try {
    const engine = await parts.openEngine(place);
    const found = await look(engine, place, parts);
    const withPods = raw.pods === true;
    const goes = whatGoes(found, withPods);
    if (goes.length === 0) {
      parts.stdout.write(`there is nothing to take away of cluster ${place.cluster}\n${remarks(found, withPods, place)}`);
      return 0;
    }
    parts.stdout.write(`This takes away of cluster ${place.cluster}:\n${goes.map((line) => `  ${line}\n`).join('')}`);
    parts.stdout.write(remarks(found, withPods, place));
    const { cluster } = place;
    const warning = 'this cannot be undone';
    await confirm({ yes: raw.yes, name: cluster, question: '', warning, refusal: 'nothing was taken away' }, parts);
    if (withPods) await removePods(engine, found, parts);
    for (const each of [found.plug, withPods ? found.bridge : undefined])
      if (each !== undefined)
        await callEngine(parts, `removing container ${each.settings.name}`, (signal) => engine.remove(each.id, signal));
    await takeAway(engine, found, place, parts);
    if (withPods)
      for (const { name } of found.networks)
        await callEngine(parts, `removing network ${name}`, (signal) => engine.removeNetwork(name, signal));
    parts.stdout.write(
      `the network of cluster ${place.cluster} is gone from this host${withPods ? ', and so are its pods' : ''}\n`,
    );
    return 0;
  } finally {
    await release();
  }
}

async function look(engine: ContainerEngine, { cluster }: PlaceOptions, parts: Parts): Promise<Found> {
  const [containers, volumes, networks] = await Promise.all([
    callEngine(parts, 'listing the containers', (signal) => engine.list(signal)),
    callEngine(parts, 'listing the volumes', (signal) => engine.listVolumes(signal)),
    callEngine(parts, 'listing the networks', (signal) => engine.networks(signal)),
  ]);
  const ofRole = (role: string): readonly VolumeSeen[] => volumes.filter(({ labels }) => labels[ROLE_LABEL] === role);
  const [container, plug, bridge] = [NETWORK_ROLE, PLUG_ROLE, BRIDGE_ROLE].map((role) =>
    containers.find(({ labels }) => labels[ROLE_LABEL] === role),
  );
  const others = containers.filter((each) => ![container, plug, bridge].includes(each));
  return {
    container,
    plug,
    bridge,
    state: ofRole(NETWORK_ROLE)[0],
    containers: others,
    podCount: new Set(others.flatMap(({ labels }) => labels[POD_UID_LABEL] ?? [])).size,
    volumes: ofRole('pod'),
    claims: ofRole('claim'),
    networks: networks.filter(({ labels }) => labels[CLUSTER_LABEL] === cluster),
  };
}

function whatGoes(found: Found, withPods: boolean): readonly string[] {
  const { container, plug, bridge, state, containers, podCount, volumes, networks } = found;
  const lines: string[] = [];
  if (container !== undefined)
    lines.push(`container ${container.settings.name}, and what it programmed on this host: rules, addresses, routes`);
  if (state !== undefined) lines.push(`volume ${state.name}`);
  if (plug !== undefined) lines.push(`container ${plug.settings.name}`);
  if (!withPods) return lines;
  if (bridge !== undefined) lines.push(`container ${bridge.settings.name}`);
  if (containers.length > 0) lines.push(`${count(containers.length, 'container')} of ${count(podCount, 'pod')}`);
  if (volumes.length > 0) lines.push(`${count(volumes.length, 'volume')} of these pods alone`);
  return [...lines, ...networks.map(({ name }) => `network ${name}`)];
}

/** What stays, and what nobody can take away any more. */
function remarks({ container, podCount, claims }: Found, withPods: boolean, { cluster }: PlaceOptions): string {
  const lines: string[] = [];
  if (!withPods && podCount > 0)
    lines.push(`${count(podCount, 'pod')} ${podCount === 1 ? 'goes' : 'go'} on without Services and names; --pods removes them`);
  if (claims.length > 0)
    lines.push(
      `volumes of claims stay: ${claims.map(({ name }) => printable(name)).join(', ')}; "holdfast volumes" removes them`,
    );
  if (container === undefined)
    lines.push(
      `there is no network container: what one left in the kernel goes with the next reboot; its tables are those of ` +
        `"nft list tables" that begin with hf-${cluster}`,
    );
  return lines.map((line) => `${line}\n`).join('');
}

/** Ends the pods' programs as their pods would be ended, and removes what is left of them. */
async function removePods(engine: ContainerEngine, { containers, volumes }: Found, parts: Parts): Promise<void> {
  const isSandbox = ({ labels }: ContainerSeen): boolean => labels[ROLE_LABEL] === 'sandbox';
  const programs = containers.filter((each) => !isSandbox(each));
  await Promise.all(
    programs.map(({ id }) => callEngine(parts, 'ending a container', (signal) => engine.kill(id, 'stop', signal))),
  );
  const ids = new Set(programs.map(({ id }) => id));
  const limit = parts.clock.now() + GRACE_MS;
  for (;;) {
    const seen = await callEngine(parts, 'listing the containers', (signal) => engine.list(signal));
    if (!seen.some(({ id, state }) => ids.has(id) && state === 'running') || parts.clock.now() >= limit) break;
    await sleep(parts.clock, POLL_MS, parts.interrupted);
  }
  for (const { id } of [...programs, ...containers.filter(isSandbox)])
    await callEngine(parts, 'removing a container', (signal) => engine.remove(id, signal));
  for (const { name } of volumes)
    await callEngine(parts, `removing volume ${name}`, (signal) => engine.removeVolume(name, signal));
}

/** The container's own scripts know what they programmed: one that does not run is started for them. */
async function takeAway(engine: ContainerEngine, { container }: Found, place: PlaceOptions, parts: Parts): Promise<void> {
  const network = await parts.openNodeContainer(place);
  try {
    if (container !== undefined) {
      if (container.state !== 'running')
        await callEngine(parts, 'starting the network container', (signal) => engine.start(container.id, signal));
      const run = (signal: AbortSignal): ReturnType<typeof network.run> => network.run(TAKE_AWAY_SCRIPT, signal);
      const { exitCode, output } = await callEngine(parts, 'taking the network away', run, SCRIPT_TIMEOUT_MS);
      if (exitCode !== 0)
        throw new UsageFault(`not everything could be taken away; the network container stays, try again: ${output.trim()}`);
    }
    await callEngine(parts, 'removing the network container', (signal) => network.remove(signal));
  } finally {
    network.close();
  }
}
