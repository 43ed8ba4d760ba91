// A question to the person at the terminal. Thin: what is asked, and what an answer means, is the command's.
import { createInterface } from 'node:readline/promises';
import { UsageFault } from '../cli/usage-fault.ts';

/** Asks and waits for a line. Throws UsageFault when the person gives up or the terminal ends. */
export async function answerTo(question: string, signal: AbortSignal): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const closed = new Promise<never>((_resolve, reject) => {
    terminal.on('close', () => reject(new UsageFault('given up; nothing was changed')));
  });
  try {
    return await Promise.race([terminal.question(question, { signal }), closed]);
  } catch (error) {
    if (signal.aborted) throw new UsageFault('given up; nothing was changed', { cause: error });
    throw error;
  } finally {
    closed.catch(() => {});
    terminal.close();
  }
}
