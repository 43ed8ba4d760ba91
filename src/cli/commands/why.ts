// `holdfast why`: the reason for how an object is.
import type { Command } from 'commander';
import type { ResourceKey } from '../../model/resource.ts';
import type { StoreReader } from '../../store/store.ts';
import type { Finish } from '../endings.ts';
import { commandsFor, findNamed, type Named } from '../find-named.ts';
import { findObject, keyIn, parseTarget } from '../find-object.ts';
import type { Parts } from '../parts.ts';
import { printable } from '../phrases.ts';
import { addPlaceOptions, outputOption, placeOptions, type RawPlaceOptions } from '../source-options.ts';
import { withStore } from '../with-store.ts';

interface RawOptions extends RawPlaceOptions {
  namespace: string;
  output: 'text' | 'json';
}

export function registerWhy(program: Command, parts: Parts, finish: Finish): void {
  const command = program
    .command('why')
    .description('say why an object is as it is: commit, file, what it waits for')
    .argument(
      '<kind/name>',
      'the object, for example deploy/web or application/shop; or the name alone, if only one thing has it',
    )
    .argument('[name]', 'its name, when it does not stand behind the kind')
    .option('-n, --namespace <name>', 'its namespace', 'default')
    .addOption(outputOption('text', 'json'));
  addPlaceOptions(command)
    .addHelpText('after', '\nExamples:\n  holdfast why shop\n  holdfast why deployment/web -n shop')
    .action(async (kind: string, name: string | undefined, raw: RawOptions) =>
      finish(await why(name === undefined ? kind : `${kind}/${name}`, raw, parts)),
    );
}

async function why(target: string, raw: RawOptions, parts: Parts): Promise<number> {
  const asked = target.includes('/') ? parseTarget(target, 'holdfast why deployment/web') : undefined;
  // It judges health, for which the library of expressions is loaded.
  const { explain } = await import('../../sync/why.ts');
  return await withStore(parts, placeOptions(raw, parts), (reader) => {
    const { key, others } =
      asked === undefined ? findNamed(reader, raw.namespace, target) : findKey(reader, raw.namespace, asked);
    const lines = explain(key, reader, parts.clock.now());
    if (raw.output === 'json') parts.stdout.write(`${JSON.stringify({ ...key, lines }, null, 2)}\n`);
    else parts.stdout.write(lines.map((line) => `${indentOf(line)}${printable(line)}\n`).join(''));
    if (others.length > 0) parts.stderr.write(`(others have that name too: ${commandsFor(others)})\n`);
    return 0;
  });
}

/** Throws UsageFault when there is nothing to say of it. */
function findKey(reader: StoreReader, namespace: string, { kind, name }: ReturnType<typeof parseTarget>): Named {
  const key = keyIn(kind, namespace, name);
  if (!isWanted(key, reader)) findObject(reader, kind, namespace, name);
  return { key, others: [] };
}

/** Whether a commit wants the object, or has removed it lately: then there is something to say of it even when it is gone. */
function isWanted(key: ResourceKey, reader: StoreReader): boolean {
  const wanted = [
    ...reader.list('Application').flatMap((application) => application.status?.inventory ?? []),
    ...reader.list('DeletedObject').map(({ spec }) => spec.entry),
  ];
  return wanted.some((entry) => entry.kind === key.kind && entry.namespace === key.namespace && entry.name === key.name);
}

function indentOf(line: string): string {
  return /^ */.exec(line)?.[0] ?? '';
}
