// `holdfast volumes`: the volumes of claims, those that are kept without one included; removes what is kept, and gives it back. It writes
// nothing into the store, so that it works beside a controller: the kubelet sees in Docker what was done.
import type { Command } from 'commander';
import { type ContainerEngine, EngineError } from '../../kubelet/engine/container-engine.ts';
import { CLAIM_LABEL, CLUSTER_LABEL, NAMESPACE_LABEL, ROLE_LABEL, WANTED_LABEL } from '../../kubelet/labels.ts';
import { hashOf } from '../../model/hash.ts';
import { usesClaim } from '../../model/pod-claims.ts';
import type { StoreReader } from '../../store/store.ts';
import { columns } from '../columns.ts';
import { confirm } from '../confirm.ts';
import type { Finish } from '../endings.ts';
import { callEngine } from '../engine-call.ts';
import { type Parts, type PlaceOptions } from '../parts.ts';
import { printable } from '../phrases.ts';
import { addPlaceOptions, outputOption, placeOptions, type RawPlaceOptions } from '../source-options.ts';
import { age } from '../times.ts';
import { UsageFault } from '../usage-fault.ts';
import { type ListedVolume, listVolumes } from '../volume-list.ts';
import { withStore } from '../with-store.ts';

interface RawList extends RawPlaceOptions {
  readonly namespace?: string;
  readonly output: 'text' | 'json';
}

interface RawRemove extends RawPlaceOptions {
  readonly yes?: true;
}

interface RawUndelete extends RawPlaceOptions {
  readonly namespace: string;
  readonly volume?: string;
}

export function registerVolumes(program: Command, parts: Parts, finish: Finish): void {
  const volumes = program
    .command('volumes')
    .description('list the volumes of claims, remove kept ones, or give one back to its claim')
    .addHelpText('after', '\nExample:\n  holdfast volumes ls');
  addPlaceOptions(volumes.command('ls'))
    .description('list the volumes of claims, and those that are kept although their claims are gone')
    .option('-n, --namespace <name>', 'only those of this namespace')
    .addOption(outputOption('text', 'json'))
    .addHelpText('after', '\nExample:\n  holdfast volumes ls -n shop')
    .action(async (raw: RawList) => finish(await list(raw, parts)));
  addPlaceOptions(volumes.command('rm'))
    .description('remove a kept volume with all its data')
    .argument('<name>', 'the Docker volume, or its PersistentVolume')
    .option('--yes', 'do not ask for the name again')
    .addHelpText('after', '\nExample:\n  holdfast volumes rm hf-main-shop-data')
    .action(async (name: string, raw: RawRemove) => finish(await remove(name, raw, parts)));
  addPlaceOptions(volumes.command('undelete'))
    .description('give a kept volume back to the claim of its name')
    .argument('<claim>', 'the claim')
    .option('-n, --namespace <name>', 'its namespace', 'default')
    .option('--volume <name>', 'which volume, when several are kept for it')
    .addHelpText('after', '\nExample:\n  holdfast volumes undelete data -n shop')
    .action(async (claim: string, raw: RawUndelete) => finish(await undelete(claim, raw, parts)));
}

/** The store, if there is one: volumes outlive it. */
async function withReader<T>(
  parts: Parts,
  place: PlaceOptions,
  read: (reader: StoreReader | undefined) => Promise<T>,
): Promise<T> {
  let isOpen = false;
  try {
    return await withStore(parts, place, (reader) => {
      isOpen = true;
      return read(reader);
    });
  } catch (error) {
    if (isOpen || !(error instanceof UsageFault)) throw error;
    return await read(undefined);
  }
}

async function volumesOf(
  parts: Parts,
  engine: ContainerEngine,
  reader: StoreReader | undefined,
): Promise<readonly ListedVolume[]> {
  return listVolumes(await callEngine(parts, 'listing volumes', (signal) => engine.listVolumes(signal)), reader);
}

async function list(raw: RawList, parts: Parts): Promise<number> {
  const place = placeOptions(raw, parts);
  const engine = await parts.openEngine(place);
  const all = await withReader(parts, place, (reader) => volumesOf(parts, engine, reader));
  const volumes = all.filter(({ namespace }) => raw.namespace === undefined || namespace === raw.namespace);
  if (raw.output === 'json') parts.stdout.write(`${JSON.stringify({ volumes }, null, 2)}\n`);
  else if (volumes.length === 0) parts.stderr.write('There are no volumes of claims.\n');
  else parts.stdout.write(`${tableOf(volumes, parts.clock.now()).join('\n')}\n`);
  return 0;
}

function tableOf(volumes: readonly ListedVolume[], nowMs: number): string[] {
  const header = ['NAME', 'NAMESPACE', 'CLAIM', 'APPLICATION', 'CAPACITY', 'DRIVER', 'STATE', 'SINCE'];
  const rows = volumes.map((volume) => [
    printable(volume.name),
    printable(volume.namespace),
    printable(volume.claim),
    printable(volume.application ?? '<none>'),
    printable(volume.capacity ?? '<none>'),
    printable(volume.driver),
    volume.state,
    age(volume.since, nowMs),
  ]);
  return columns(header, rows);
}

async function remove(name: string, raw: RawRemove, parts: Parts): Promise<number> {
  const place = placeOptions(raw, parts);
  const engine = await parts.openEngine(place);
  const volume = await withReader(parts, place, async (reader) => {
    const found = (await volumesOf(parts, engine, reader)).find((each) => each.name === name || each.persistentVolume === name);
    if (found === undefined) throw new UsageFault(`there is no volume ${name}; "holdfast volumes ls" lists them`);
    return found;
  });
  if (volume.state === 'bound')
    throw new UsageFault(
      `volume ${volume.name} is bound to claim ${volume.namespace}/${volume.claim}; take the claim out of Git first`,
    );
  if (volume.state === 'unknown')
    throw new UsageFault(
      `the data folder ${place.dataDir} has no store, so nobody knows whether a claim has ${volume.name}: give --data-dir`,
    );
  // The data are gone for good: the name is asked for again.
  const { namespace, claim } = volume;
  await confirm(
    {
      yes: raw.yes,
      name: volume.name,
      question: `This removes all data of claim ${namespace}/${claim}. `,
      warning: `this removes all data of ${volume.name}`,
      refusal: 'nothing was removed',
    },
    parts,
  );
  try {
    await callEngine(parts, `removing volume ${volume.name}`, (signal) => engine.removeVolume(volume.name, signal));
  } catch (error) {
    if (error instanceof EngineError && error.fault === 'Conflict')
      throw new UsageFault(`volume ${volume.name} is in use by a container; nothing was removed`, { cause: error });
    throw error;
  }
  parts.stdout.write(`removed volume ${volume.name}\n`);
  return 0;
}

async function undelete(claim: string, raw: RawUndelete, parts: Parts): Promise<number> {
  const place = placeOptions(raw, parts);
  const engine = await parts.openEngine(place);
  const { namespace } = raw;
  return await withReader(parts, place, async (reader) => {
    const volume = chosen(claim, raw, await volumesOf(parts, engine, reader));
    const user = reader?.list('Pod', namespace).find((pod) => (pod.spec.nodeName ?? '') !== '' && usesClaim(pod, claim));
    const isThere = reader?.get('PersistentVolumeClaim', namespace, claim) !== undefined;
    if (isThere && user !== undefined)
      throw new UsageFault(`pod/${user.metadata.name} uses claim ${namespace}/${claim}; scale what runs it to 0 first`);
    await leaveWish(parts, engine, place.cluster, { namespace, claim, volume: volume.name });
    const next = isThere
      ? 'the controller binds it to the claim within a minute'
      : 'it is bound as soon as a commit has the claim again';
    parts.stdout.write(`volume ${volume.name} is reserved for claim ${namespace}/${claim}: ${next}\n`);
    return 0;
  });
}

function chosen(claim: string, { namespace, volume: name }: RawUndelete, all: readonly ListedVolume[]): ListedVolume {
  const own = all.filter((each) => each.namespace === namespace && each.claim === claim);
  const kept = own.filter(({ state }) => state !== 'bound');
  const matching = name === undefined ? kept : kept.filter((each) => each.name === name || each.persistentVolume === name);
  const [first, second] = matching;
  if (first === undefined) {
    const bound = own.find(({ state }) => state === 'bound');
    const has = bound === undefined ? '' : `; it has ${bound.name}`;
    throw new UsageFault(`no volume${name === undefined ? '' : ` ${name}`} is kept for claim ${namespace}/${claim}${has}`);
  }
  if (second !== undefined)
    throw new UsageFault(
      `several volumes are kept for claim ${namespace}/${claim}: choose one with --volume: ${matching.map((each) => each.name).join(', ')}`,
    );
  return first;
}

/** A wish that the node's kubelet finds in Docker, now or when it runs the next time, and then takes away. */
async function leaveWish(
  parts: Parts,
  engine: ContainerEngine,
  cluster: string,
  { namespace, claim, volume }: { namespace: string; claim: string; volume: string },
): Promise<void> {
  const labels = {
    [CLUSTER_LABEL]: cluster,
    [ROLE_LABEL]: 'undelete',
    [NAMESPACE_LABEL]: namespace,
    [CLAIM_LABEL]: claim,
    [WANTED_LABEL]: volume,
  };
  const name = `hf-${cluster}.undelete.${hashOf([namespace, claim, volume])}`;
  await callEngine(parts, `reserving volume ${volume}`, (signal) =>
    engine.ensureVolume({ name, labels, inMemory: false, sizeBytes: 0 }, signal),
  );
}
