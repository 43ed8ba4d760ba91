// Scenes whose pods have addresses and names from Holdfast, with what shall be there from the beginning.
import type { RunningCommand } from './e2e-command.ts';
import { type Scene, scene } from './e2e-scene.ts';

/** The environment of scenes with a network. */
export const NETWORK = { HOLDFAST_NETWORK: 'auto' } as const;
/** What making such a scene, and taking it away, may take. */
export const NETWORK_SCENE_MS = 180_000;
const LIVE_MS = 150_000;

/** A scene with a controller that runs with these arguments, in which a commit of these files is live. Nothing is left when it fails. */
export async function networkScene(
  name: string,
  files: Readonly<Record<string, string>>,
  args: readonly string[] = [],
): Promise<{ at: Scene; controller: RunningCommand }> {
  const at = await scene(name, { env: NETWORK });
  try {
    const commit = await at.repo.commit(files, 'All');
    const controller = at.controller(args);
    await at.untilLive(commit, LIVE_MS);
    return { at, controller };
  } catch (error) {
    await at.close();
    throw error;
  }
}
