// `holdfast status`: what runs, what is on its way, and what is in the way.
import type { Command } from 'commander';
import { applicationTree } from '../application-tree.ts';
import { colorsFor } from '../colour.ts';
import type { Finish } from '../endings.ts';
import { findObject } from '../find-object.ts';
import type { Parts } from '../parts.ts';
import { withoutAddresses } from '../redact.ts';
import { addPlaceOptions, outputOption, placeOptions, type RawPlaceOptions } from '../source-options.ts';
import { objectsOf, statusText } from '../status-text.ts';
import { nodeStatus } from '../tables/cluster.ts';
import { timeOfDayIn } from '../times.ts';
import { withStore } from '../with-store.ts';

export function registerStatus(program: Command, parts: Parts, finish: Finish): void {
  const command = program
    .command('status')
    .description('print applications, their commits, their objects, and the nodes')
    .argument('[application]', 'only this one')
    .addOption(outputOption('text', 'json'));
  addPlaceOptions(command)
    .addHelpText('after', '\nExample:\n  holdfast status')
    .action(async (name: string | undefined, raw: RawPlaceOptions & { output: 'text' | 'json' }) =>
      finish(await status(name, raw, parts)),
    );
}

const absence =
  'No controller is running: this is how the last one left it. Containers go on, but nothing is healed or updated until "holdfast reconcile" runs.';

async function status(
  name: string | undefined,
  raw: RawPlaceOptions & { output: 'text' | 'json' },
  parts: Parts,
): Promise<number> {
  const place = placeOptions(raw, parts);
  return await withStore(parts, place, async (reader) => {
    if (name !== undefined) findObject(reader, 'Application', '', name);
    const controller = await parts.controllerOf(place);
    if (raw.output === 'text') {
      const lines = statusText(reader, name, colorsFor(parts.stdout, parts.env), timeOfDayIn(parts.env['TZ']), parts.clock.now());
      if (controller === undefined) lines.push('', absence);
      parts.stdout.write(`${lines.join('\n')}\n`);
      return 0;
    }
    const applications = applicationTree(reader.list('Application'))
      .filter(({ application }) => name === undefined || application.metadata.name === name)
      .map(({ application, parent = null }) => {
        const { inventory: _inventory, ...rest } = application.status ?? {};
        const spec = withoutAddresses(application.spec);
        return { name: application.metadata.name, parent, spec, status: rest, objects: objectsOf(application, reader) };
      });
    const nodes = reader
      .list('Node')
      .map((node) => ({ name: node.metadata.name, status: nodeStatus(node), nodeInfo: node.status?.nodeInfo ?? null }));
    parts.stdout.write(`${JSON.stringify({ controller: controller ?? null, applications, nodes }, null, 2)}\n`);
    return 0;
  });
}
