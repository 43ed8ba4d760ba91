// Brings a new version of a ConfigMap or Secret into a volume of a running pod: what pods read changes in one rename.
import { EngineError } from '../engine/container-engine.ts';
import type { EngineCalls } from '../engine/engine-calls.ts';
import { SANDBOX_PROGRAM } from '../images/sandbox-image.ts';
import type { PodStep } from '../plan/steps.ts';
import { DATA_LINK, NEXT_DATA_LINK, VOLUMES_DIRECTORY, versionLink, visibleLink } from './volumes.ts';

const RENAME_DEADLINE_MS = 15_000;
const MAX_OUTPUT_BYTES = 1_024;

/** Writes the version beside the old one, swaps, and takes names away that are no more. Harmless when done twice. */
export async function updateVolume(calls: EngineCalls, step: Extract<PodStep, { type: 'update-volume' }>): Promise<void> {
  const directory = `${VOLUMES_DIRECTORY}/${step.volume}`;
  const rename = async (from: string, to: string): Promise<void> => {
    const command = [SANDBOX_PROGRAM, `${directory}/${from}`, `${directory}/${to}`];
    const { exitCode, output } = await calls.exec(step.sandboxId, command, MAX_OUTPUT_BYTES, RENAME_DEADLINE_MS);
    if (exitCode !== 0) throw new EngineError('Failed', `${command.join(' ')} exited with ${exitCode}: ${output}`);
  };
  const newNames = [...step.newNames];
  // Writing a link that is there would take it away for a moment.
  for (const name of step.unsureNames)
    if ((await calls.readLink(step.sandboxId, `${directory}/${name}`)) === undefined) newNames.push(name);
  const files = [...step.files, ...newNames.map(visibleLink), versionLink(NEXT_DATA_LINK, step.version)];
  await calls.putFiles(step.sandboxId, directory, files);
  await rename(NEXT_DATA_LINK, DATA_LINK);
  for (const name of step.goneNames) await rename(name, `..${step.oldVersion}/..gone-${name}`);
}
