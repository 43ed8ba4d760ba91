// The door of the folder for reading: what the loader and the generators use. Plain text leaves it as a result only; problems name files,
// fields and recipients, and never a value or a key.
import { formatPath } from '../place.ts';
import type { Problem } from '../problem.ts';
import type { Decrypter } from '../rendering.ts';
import { createDataKeys } from './data-key.ts';
import { createDocumentDecrypter, isEncryptedDocument } from './document.ts';
import { isEncryptedFile, openFile } from './file.ts';
import type { DecryptionKeys } from './keys.ts';
import { faultLine, type SopsFault } from './metadata.ts';

/**
 * Decrypts with these keys. Remembers the data keys that it opened last (a bounded number), so that files with the same one, and later passes
 * over the same files, cost little. Without any keys it still knows what is encrypted, and says which key is needed.
 */
export function createDecrypter(keys: DecryptionKeys): Decrypter {
  const dataKeys = createDataKeys(keys);
  const documents = createDocumentDecrypter(dataKeys);
  return {
    isEncryptedDocument,
    decryptDocument: async (source) => {
      const result = await documents.decrypt(source);
      if ('faults' in result) {
        const fault = worst(result.faults);
        return { problem: { ...problem(fault.message), ...source.locate(fault.path), field: formatPath(fault.path) } };
      }
      const { written: _written, ...rest } = source;
      // What stands in the file is not what was read any more.
      return { object: { ...rest, value: result.value, sourceAt: (path) => plainSource(source.sourceAt(path)) } };
    },
    isEncryptedFile,
    decryptFile: async (path, bytes) => {
      const result = await openFile(path, bytes, dataKeys);
      if ('bytes' in result) return result;
      return { problem: { ...problem(faultLine(worst(result.faults))), file: path } };
    },
  };
}

function plainSource(written: string | undefined): string | undefined {
  return written?.includes('ENC[AES256_GCM,') === true ? undefined : written;
}

/** The first fault, and how many there are besides. */
function worst(faults: readonly SopsFault[]): SopsFault {
  const [first, ...others] = faults;
  if (first === undefined)
    return { path: ['sops'], message: 'a document that was encrypted together with this one cannot be decrypted' };
  if (others.length === 0) return first;
  return { ...first, message: `${first.message} (and ${others.length} more like it)` };
}

function problem(message: string): Problem {
  return { severity: 'error', reason: 'Undecryptable', file: '', line: 0, column: 0, field: '', message };
}
