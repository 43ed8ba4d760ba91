// Runs commands of the machine for tests that need its kernel: ip, nft, and what runs in network namespaces.
import { spawn } from 'node:child_process';

/** What came of a command. */
export interface CommandResult {
  readonly exitCode: number;
  /** Standard output and error together. */
  readonly output: string;
}

/** Runs a command to its end, `input` on its standard input. Rejects when it fails, unless it may. */
export async function runCommand(
  command: readonly string[],
  input = '',
  options: { readonly mayFail?: boolean; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<CommandResult> {
  const [program = '', ...args] = command;
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, ...options.env } });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const exitCode = await new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 128));
  });
  const output = Buffer.concat(chunks).toString();
  if (exitCode !== 0 && options.mayFail !== true)
    throw new Error(`${command.join(' ').slice(0, 300)}: exit code ${exitCode}: ${output}`);
  return { exitCode, output };
}
