// The options that say how manifests are read; the same for every command that reads them.
import { type Command, InvalidArgumentError } from 'commander';
import type { LoadSettings } from './parts.ts';

export interface RawLoadOptions {
  skipUnknownKinds?: true;
  ageKeyFile?: string;
  substitute?: Readonly<Record<string, string>>;
  policies?: readonly string[];
}

/** Adds them. */
export function addLoadOptions(command: Command): Command {
  return command
    .option('--substitute <name=value>', 'a variable for ${NAME} in manifests; may be given more than once', addVariable)
    .option('--age-key-file <file>', 'keys for files encrypted with SOPS (env SOPS_AGE_KEY_FILE, SOPS_AGE_KEY)')
    .option(
      '--policies <path>',
      'a file or folder with policies that all manifests must keep to; may be given more than once (env HOLDFAST_POLICIES)',
      (path: string, before: readonly string[] | undefined) => [...(before ?? []), path],
    )
    .option('--skip-unknown-kinds', 'leave out custom resources and kinds that only a real cluster has');
}

function addVariable(text: string, before: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  const [, name, value] = /^([A-Za-z_]\w*)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new InvalidArgumentError('Write NAME=value, for example REGION=eu.');
  return { ...before, [name]: value };
}

/** What they say. */
export function loadOptions(raw: RawLoadOptions): LoadSettings {
  return {
    skipUnknownKinds: raw.skipUnknownKinds ?? false,
    substitute: raw.substitute ?? {},
    ...(raw.policies === undefined ? {} : { policies: raw.policies }),
    ...(raw.ageKeyFile === undefined ? {} : { ageKeyFile: raw.ageKeyFile }),
  };
}
