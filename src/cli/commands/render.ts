// `holdfast render`: the objects as they would be applied, as YAML. Needs neither Git nor Docker.
import type { Command } from 'commander';
import type { LoadResult } from '../../manifests/load.ts';
import { printManifest } from '../../manifests/reading/print.ts';
import { colorsFor } from '../colour.ts';
import type { Finish } from '../endings.ts';
import { unlessAborted } from '../interrupts.ts';
import { addLoadOptions, loadOptions, type RawLoadOptions } from '../load-options.ts';
import type { Parts } from '../parts.ts';
import { problemCount, problemLines } from '../plan-text.ts';
import { withoutSecretValues } from '../redact.ts';
import { outputOption } from '../source-options.ts';

interface RawRenderOptions extends RawLoadOptions {
  showSecrets?: true;
  output: 'yaml' | 'json';
}

export function registerRender(program: Command, parts: Parts, finish: Finish): void {
  const command = program
    .command('render')
    .description('print the objects that a folder renders to, decrypted, substituted and with defaults')
    .argument('<path...>', 'files and folders; - is standard input')
    .option('--show-secrets', 'print the values of Secrets')
    .addOption(outputOption('yaml', 'json'));
  addLoadOptions(command)
    .addHelpText('after', '\nExample:\n  holdfast render apps/overlays/prod')
    .action(async (paths: string[], raw: RawRenderOptions) => finish(await render(paths, raw, parts)));
}

async function render(paths: readonly string[], raw: RawRenderOptions, parts: Parts): Promise<number> {
  const result = await unlessAborted(parts.loadPaths(paths, { ...loadOptions(raw), areSetsLeft: true }), parts.interrupted);
  const errors = result.problems.filter(({ severity }) => severity === 'error');
  for (const line of problemLines(errors, colorsFor(parts.stderr, parts.env))) parts.stderr.write(`${line}\n`);
  // Half a set is worse than none: somebody may apply it. What is refused only because Holdfast cannot run it yet is whole.
  if (errors.some(({ reason }) => reason !== 'UnsupportedKind' && reason !== 'UnsupportedField')) {
    parts.stderr.write(`holdfast: nothing is printed: ${problemCount(result.problems)}\n`);
    return 1;
  }
  parts.stdout.write(raw.output === 'json' ? asJson(result, raw) : asYaml(result, raw));
  return errors.length === 0 ? 0 : 1;
}

const shown = (resource: unknown, { showSecrets }: RawRenderOptions): unknown =>
  showSecrets === true ? resource : withoutSecretValues(resource);

function asJson({ manifests }: LoadResult, raw: RawRenderOptions): string {
  const items = manifests.map(({ resource }) => shown(resource, raw));
  return `${JSON.stringify({ apiVersion: 'v1', kind: 'List', items }, null, 2)}\n`;
}

function asYaml({ manifests }: LoadResult, raw: RawRenderOptions): string {
  return manifests.map(({ resource, file, line }) => `# ${file}:${line}\n${printManifest(shown(resource, raw))}`).join('---\n');
}
