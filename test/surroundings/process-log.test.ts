import { expect, test } from 'vitest';
import { UsageFault } from '../../src/cli/usage-fault.ts';
import { processLog } from '../../src/surroundings/process-log.ts';
import { silentLogger } from '../../src/system/logger.ts';

test('nobody asked for a log', async () => {
  expect([await processLog(undefined), await processLog('')]).toEqual([silentLogger, silentLogger]);
});

test('a level that does not exist is refused with those that do', async () => {
  await expect(processLog('verbose')).rejects.toThrow(
    new UsageFault('HOLDFAST_LOG is "verbose", but the levels are trace, debug, info, warn, error, fatal, silent'),
  );
});
