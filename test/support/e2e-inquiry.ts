// Commands that only ask, run in this process: tests ask often, while they wait above all, and starting Node is most of what an answer costs.
// That the command itself answers the same is for test/e2e/commands.test.ts to show.
import { run } from '../../src/cli/program.ts';
import { UsageFault } from '../../src/cli/usage-fault.ts';
import { openStoreForReading } from '../../src/installation/data-folder.ts';
import { connectEngine } from '../../src/installation/engine.ts';
import { controllerOf } from '../../src/installation/locks.ts';
import { systemClock } from '../../src/system/clock.ts';
import { systemIds } from '../../src/system/ids.ts';
import type { CommandResult } from './e2e-command.ts';
import { fakeParts } from './fake-parts.ts';

const DEADLINE_MS = 60_000;

/** A command that looks at the store, or runs something in a container. */
export type Inquiry = readonly ['get' | 'status' | 'why' | 'exec', ...string[]];

/** What the command prints and how it ends, in such an environment. After a minute it is interrupted. */
export async function inquire(args: Inquiry, env: Readonly<Record<string, string>>): Promise<CommandResult> {
  const clock = systemClock();
  const parts = fakeParts();
  const exitCode = await run(args, {
    ...parts,
    env,
    clock,
    interrupted: AbortSignal.timeout(DEADLINE_MS),
    openStore: async ({ dataDir }) => {
      const store = openStoreForReading(dataDir, clock, systemIds());
      if (store === undefined) throw new UsageFault(`nothing was reconciled yet with the data folder ${dataDir}`);
      return store;
    },
    controllerOf: async ({ dataDir }) => controllerOf(dataDir),
    openEngine: async (place) => (await connectEngine(place, env, clock)).engine,
  });
  return { exitCode, signal: null, stdout: parts.out(), stderr: parts.err() };
}
