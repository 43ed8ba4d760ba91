// The image of the sandbox: one file, made here and imported into the engine. Pure.
import { createHash } from 'node:crypto';
import { EngineError, type FileEntry } from '../engine/container-engine.ts';
import { terminationFiles } from '../spec/termination-log.ts';
import { sandboxProgram } from './elf.ts';

/** Path of the program in the sandbox: `[SANDBOX_PROGRAM, OLD, NEW]` is an exec that renames atomically. */
export const SANDBOX_PROGRAM = '/holdfast';

/** What `importImage` needs. */
export interface SandboxImage {
  /** Named by its content: another program is another image. */
  readonly reference: string;
  readonly files: readonly FileEntry[];
  readonly entrypoint: readonly string[];
}

const HASH_LENGTH = 12;

/** The sandbox's image for an engine's architecture. Throws Invalid for one that it does not exist for. */
export function sandboxImage(architecture: string): SandboxImage {
  if (architecture !== 'amd64' && architecture !== 'arm64')
    throw new EngineError('Invalid', `the engine's architecture is ${architecture}: only amd64 and arm64 are supported`);
  const content = sandboxProgram(architecture);
  const hash = createHash('sha256').update(content).digest('hex').slice(0, HASH_LENGTH);
  return {
    reference: `holdfast/sandbox:${hash}`,
    files: [{ path: SANDBOX_PROGRAM.slice(1), type: 'file', mode: 0o755, content }, ...terminationFiles()],
    entrypoint: [SANDBOX_PROGRAM],
  };
}
