// The settings of the node that this process runs: what was chosen at the command line, with the files that it names read once.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { NodeChoices } from '../cli/node-options.ts';
import { UsageFault } from '../cli/usage-fault.ts';
import type { NodeSettings } from '../kubelet/spec/resources.ts';

/** Docker takes a profile as part of a request; a real one is some 20 kB. */
const MAX_PROFILE_BYTES = 1024 * 1024;
const MAX_PROFILES = 1_000;

/** Reads what the choices name. Throws UsageFault for a folder or a profile that cannot be used. */
export function nodeSettings({ seccompProfiles, ...others }: NodeChoices): NodeSettings {
  return { ...others, ...(seccompProfiles === undefined ? {} : { seccompProfiles: readProfiles(seccompProfiles) }) };
}

function readProfiles(folder: string): ReadonlyMap<string, string> {
  const profiles = new Map<string, string>();
  try {
    for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      const file = join(folder, path);
      if (!statSync(file).isFile()) continue;
      if (profiles.size === MAX_PROFILES)
        throw new UsageFault(`--seccomp-profiles: ${folder} holds more than ${MAX_PROFILES} files`);
      profiles.set(relative(folder, file).split(sep).join('/'), readProfile(file));
    }
  } catch (error) {
    if (error instanceof UsageFault) throw error;
    throw new UsageFault(`--seccomp-profiles: cannot read ${folder}: ${error instanceof Error ? error.message : String(error)}`);
  }
  return profiles;
}

function readProfile(file: string): string {
  if (statSync(file).size > MAX_PROFILE_BYTES) throw new UsageFault(`--seccomp-profiles: ${file} is too big for a profile`);
  const text = readFileSync(file, 'utf8');
  try {
    JSON.parse(text);
  } catch {
    throw new UsageFault(`--seccomp-profiles: ${file} is not JSON`);
  }
  return text;
}
