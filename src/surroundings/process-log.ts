// The log of the process: JSON lines on standard error, for whoever asks for them with HOLDFAST_LOG; people have the progress instead.
import { UsageFault } from '../cli/usage-fault.ts';
import { type Logger, silentLogger } from '../system/logger.ts';

const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

/** The log at this level; silent without one. Throws UsageFault for a level that does not exist. */
export async function processLog(level: string | undefined): Promise<Logger> {
  if (level === undefined || level === '') return silentLogger;
  if (!levels.includes(level)) throw new UsageFault(`HOLDFAST_LOG is "${level}", but the levels are ${levels.join(', ')}`);
  const { pino } = await import('pino');
  // Named, because pino's own type cannot be the result of an async function.
  const logger: Logger = pino(
    { level, base: null, serializers: { error: pino.stdSerializers.err } },
    pino.destination({ fd: 2, sync: true }),
  );
  return logger;
}
