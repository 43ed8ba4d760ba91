// `holdfast why`: the reason for how an object is.
import type { Command } from 'commander';
import type { Finish } from '../endings.ts';
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
    .argument('<kind/name>', 'the object, for example deploy/web or application/shop')
    .option('-n, --namespace <name>', 'its namespace', 'default')
    .addOption(outputOption('text', 'json'));
  addPlaceOptions(command)
    .addHelpText('after', '\nExample:\n  holdfast why deployment/web -n shop')
    .action(async (target: string, raw: RawOptions) => finish(await why(target, raw, parts)));
}

async function why(target: string, raw: RawOptions, parts: Parts): Promise<number> {
  const { kind, name } = parseTarget(target, 'holdfast why deployment/web');
  return await withStore(parts, placeOptions(raw, parts), async (reader) => {
    findObject(reader, kind, raw.namespace, name);
    const { explain } = await import('../../sync/why.ts');
    const key = keyIn(kind, raw.namespace, name);
    const lines = explain(key, reader, parts.clock.now());
    if (raw.output === 'json') parts.stdout.write(`${JSON.stringify({ ...key, lines }, null, 2)}\n`);
    else parts.stdout.write(lines.map((line) => `${indentOf(line)}${printable(line)}\n`).join(''));
    return 0;
  });
}

function indentOf(line: string): string {
  return /^ */.exec(line)?.[0] ?? '';
}
