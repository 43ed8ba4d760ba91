// `holdfast secrets rotate`.
import { splitRecipients } from '../manifests/sops/creation-rules.ts';
import { createDataKeys } from '../manifests/sops/data-key.ts';
import { rotateFile } from '../manifests/sops/encrypt.ts';
import type { Parts } from './parts.ts';
import { tellFaults, worldOf } from './secrets-encrypt.ts';

export interface RotateOptions {
  addAge?: readonly string[];
  removeAge?: readonly string[];
  ageKeyFile?: string;
}

/** Rotates all files or none. */
export async function rotate(files: readonly string[], raw: RotateOptions, parts: Parts): Promise<number> {
  const change = { add: (raw.addAge ?? []).flatMap(splitRecipients), remove: (raw.removeAge ?? []).flatMap(splitRecipients) };
  const dataKeys = createDataKeys(await parts.secretFiles.readKeys(raw));
  const results: { readonly file: string; readonly bytes: Uint8Array }[] = [];
  let isRefused = false;
  for (const file of files) {
    const result = await rotateFile(file, await parts.secretFiles.read(file), dataKeys, change, worldOf(parts));
    if ('faults' in result) {
      isRefused = true;
      tellFaults(file, result, parts);
    } else results.push({ file, bytes: result.bytes });
  }
  if (isRefused) {
    if (files.length > 1) parts.stderr.write('holdfast: nothing was written\n');
    return 1;
  }
  for (const { file, bytes } of results) {
    await parts.secretFiles.replace(file, bytes);
    parts.stderr.write(`${file}: encrypted with a new data key\n`);
  }
  if (change.remove.length > 0)
    parts.stderr.write('Whoever was removed can still read earlier commits: change the secrets themselves as well.\n');
  return 0;
}
