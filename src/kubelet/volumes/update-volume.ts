// Brings a new version into a config volume of a running pod: what its containers read changes in one rename. What earlier versions, and
// updates that broke off, have left is taken away. Nothing but putting files and renaming them is needed for that.
import { EngineError } from '../engine/container-engine.ts';
import type { EngineCalls } from '../engine/engine-calls.ts';
import { SANDBOX_PROGRAM } from '../images/sandbox-image.ts';
import { DATA_LINK, NEXT_DATA_LINK, versionLink, visibleLink } from './layout.ts';
import type { StepOf } from './volume-steps.ts';
import { sandboxDirectory } from './volumes.ts';

const RENAME_DEADLINE_MS = 15_000;
const MAX_OUTPUT_BYTES = 1_024;

/**
 * Writes the version beside the old one, swaps, and takes away what is no more. At each moment containers see the old version or the new
 * one, whole. Harmless when done twice; one that broke off anywhere is finished by the next one.
 */
export async function updateVolume(calls: EngineCalls, step: StepOf<'update-volume'>): Promise<void> {
  const { sandboxId, content, held } = step;
  const directory = sandboxDirectory(step.volume);
  const rename = async (from: string, to: string): Promise<void> => {
    const command = [SANDBOX_PROGRAM, `${directory}/${from}`, `${directory}/${to}`];
    const { exitCode, output } = await calls.exec(sandboxId, command, MAX_OUTPUT_BYTES, RENAME_DEADLINE_MS);
    if (exitCode !== 0) throw new EngineError('Failed', `${command.join(' ')} exited with ${exitCode}: ${output}`);
  };
  const isNew = held.version !== content.version;
  if (isNew) {
    await calls.putFiles(sandboxId, directory, [...content.files, versionLink(NEXT_DATA_LINK, content.version)]);
    await rename(NEXT_DATA_LINK, DATA_LINK);
  }
  for (const name of held.names) if (!content.names.includes(name)) await rename(name, NEXT_DATA_LINK);
  const leftovers = new Set([...held.leftovers, ...(isNew && held.version !== '' ? [`..${held.version}`] : [])]);
  leftovers.delete(`..${content.version}`);
  const links = content.names.filter((name) => !held.names.includes(name)).map(visibleLink);
  if (links.length + leftovers.size === 0) return;
  // A link that is put there takes the place of a whole directory, and goes when it is renamed. One link stays behind, hidden from whoever
  // follows `..data`: renaming the last one to that would look like a further version to those who watch it.
  const copies = [...leftovers].map((name) => versionLink(name, content.version));
  await calls.putFiles(sandboxId, directory, [...links, ...copies]);
  for (const name of leftovers) await rename(name, NEXT_DATA_LINK);
}
