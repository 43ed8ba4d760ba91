// `holdfast get`: objects as the store holds them, in kubectl's tables or whole.
import type { Command } from 'commander';
import { isNamespaced, type Kind, type Stored } from '../../model/resource.ts';
import type { StoreReader } from '../../store/store.ts';
import { columns } from '../columns.ts';
import type { Finish } from '../endings.ts';
import { findObject, parseTarget } from '../find-object.ts';
import { kindNames, parseKind } from '../kinds.ts';
import type { Parts } from '../parts.ts';
import { withoutSecretValues } from '../redact.ts';
import { addPlaceOptions, outputOption, placeOptions, type RawPlaceOptions } from '../source-options.ts';
import { tableOf } from '../tables.ts';
import { UsageFault } from '../usage-fault.ts';
import { withStore } from '../with-store.ts';

/** What `get all` means. */
const ALL: readonly Kind[] = [
  'Pod',
  'ReplicationController',
  'Service',
  'DaemonSet',
  'Deployment',
  'ReplicaSet',
  'StatefulSet',
  'CronJob',
  'Job',
];

type Form = 'table' | 'wide' | 'json' | 'yaml' | 'name';

interface RawOptions extends RawPlaceOptions {
  namespace: string;
  allNamespaces?: true;
  showSecrets?: true;
  output: Form;
}

/** Objects of one kind, or the one that was named. */
interface Group {
  readonly kind: Kind;
  readonly objects: readonly Stored[];
}

export function registerGet(program: Command, parts: Parts, finish: Finish): void {
  const command = program
    .command('get')
    .description('list objects as kubectl does')
    .argument('<kind>', 'pods, deploy, cm, … or several with commas, or all, or KIND/NAME')
    .argument('[name...]', 'only these')
    .option('-n, --namespace <name>', 'namespace', 'default')
    .option('-A, --all-namespaces', 'all namespaces')
    .option('--show-secrets', 'with -o json or yaml: print the values of Secrets')
    .addOption(outputOption('table', 'wide', 'json', 'yaml', 'name'));
  addPlaceOptions(command)
    .addHelpText('after', '\nExample:\n  holdfast get pods -n shop -o wide')
    .action(async (what: string, names: string[], raw: RawOptions) => finish(await get(what, names, raw, parts)));
}

async function get(what: string, names: readonly string[], raw: RawOptions, parts: Parts): Promise<number> {
  const isOne = what.includes('/') || names.length === 1;
  if (raw.allNamespaces === true && (what.includes('/') || names.length > 0))
    throw new UsageFault('a name belongs to one namespace: leave out -A or the name');
  return await withStore(parts, placeOptions(raw, parts), async (reader) => {
    const groups = select(what, names, raw, reader);
    if (raw.output === 'json' || raw.output === 'yaml') await printWhole(groups, isOne, raw, parts);
    else if (raw.output === 'name')
      parts.stdout.write(groups.flatMap(({ objects }) => objects.map((object) => `${fullName(object)}\n`)).join(''));
    else printTables(groups, raw, parts);
    return 0;
  });
}

function select(what: string, names: readonly string[], raw: RawOptions, reader: StoreReader): Group[] {
  if (what.includes('/')) {
    if (names.length > 0) throw new UsageFault(`give either ${what} or a kind and names`);
    const { kind, name } = parseTarget(what, 'holdfast get deploy/web');
    return [{ kind, objects: [findObject(reader, kind, raw.namespace, name)] }];
  }
  const kinds = what === 'all' ? ALL : what.split(',').map(parseKind);
  if (names.length > 0 && kinds.length > 1) throw new UsageFault('names go with one kind only');
  return kinds.map((kind) => ({
    kind,
    objects:
      names.length > 0
        ? names.map((name) => findObject(reader, kind, raw.namespace, name))
        : reader.list(kind, raw.allNamespaces === true || !isNamespaced(kind) ? undefined : raw.namespace),
  }));
}

async function printWhole(groups: readonly Group[], isOne: boolean, raw: RawOptions, parts: Parts): Promise<void> {
  const objects = groups.flatMap((group) => group.objects);
  const shown: unknown[] = raw.showSecrets === true ? objects : objects.map(withoutSecretValues);
  const whole = isOne ? shown[0] : { apiVersion: 'v1', kind: 'List', items: shown };
  if (raw.output === 'json') {
    parts.stdout.write(`${JSON.stringify(whole, null, 4)}\n`);
    return;
  }
  const { default: yaml } = await import('yaml');
  // YAML 1.1 readers take yes, on and 0644 for something else than text; kubectl quotes for them, and so does this.
  parts.stdout.write(yaml.stringify(whole, { version: '1.1', aliasDuplicateObjects: false, lineWidth: 0 }));
}

function fullName(object: Stored): string {
  const group = kindNames.find((entry) => entry.kind === object.kind)?.group ?? '';
  return `${object.kind.toLowerCase()}${group === '' ? '' : `.${group}`}/${object.metadata.name}`;
}

function printTables(groups: readonly Group[], raw: RawOptions, parts: Parts): void {
  const filled = groups.filter((group) => group.objects.length > 0);
  if (filled.length === 0) {
    const isClusterWide = groups.every((group) => !isNamespaced(group.kind));
    parts.stderr.write(
      raw.allNamespaces === true || isClusterWide
        ? 'No resources found\n'
        : `No resources found in ${raw.namespace} namespace.\n`,
    );
    return;
  }
  const blocks = filled.map(({ kind, objects }) => {
    const withNamespace = raw.allNamespaces === true && isNamespaced(kind);
    const prefix = groups.length > 1 ? `${kind.toLowerCase()}/` : '';
    const ordered = kind === 'Event' ? eventsByTime(objects) : objects;
    const { header, rows } = tableOf(kind, ordered, {
      isWide: raw.output === 'wide',
      withNamespace,
      prefix,
      nowMs: parts.clock.now(),
    });
    return columns(header, rows).join('\n');
  });
  parts.stdout.write(`${blocks.join('\n\n')}\n`);
}

/** The latest last, where the eye is. */
function eventsByTime(objects: readonly Stored[]): readonly Stored[] {
  return objects.toSorted((a, b) => lastSeen(a).localeCompare(lastSeen(b)));
}

function lastSeen(object: Stored): string {
  return object.kind === 'Event' ? object.lastTimestamp : '';
}
