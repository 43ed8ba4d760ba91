// `holdfast secrets edit` and `holdfast secrets decrypt`.
import { createDataKeys } from '../manifests/sops/data-key.ts';
import { sealEdited } from '../manifests/sops/encrypt.ts';
import { type OpenedFile, openFile, type Refused } from '../manifests/sops/file.ts';
import { type EditedFile, type Parts } from './parts.ts';
import { tellFaults, worldOf } from './secrets-encrypt.ts';
import { UsageFault } from './usage-fault.ts';

interface KeyOptions {
  ageKeyFile?: string;
}

async function open(
  file: string,
  raw: KeyOptions,
  parts: Parts,
): Promise<Refused | (OpenedFile & { readonly encrypted: Uint8Array })> {
  const encrypted = await parts.secretFiles.read(file);
  const opened = await openFile(file, encrypted, createDataKeys(await parts.secretFiles.readKeys(raw)));
  return 'faults' in opened ? opened : { ...opened, encrypted };
}

/** Prints plain text; in a terminal it says that this stays readable there. */
export async function decrypt(file: string, raw: KeyOptions, parts: Parts): Promise<number> {
  const opened = await open(file, raw, parts);
  if ('faults' in opened) {
    tellFaults(file, opened, parts);
    return 1;
  }
  parts.stdout.write(opened.bytes);
  if (parts.stdout.isTTY)
    parts.stderr.write('holdfast: the secrets above stay in the history of this terminal until you clear it\n');
  return 0;
}

/** Lets a person change the plain text. Nothing is written when nothing changed, and nothing that cannot be read again. */
export async function edit(file: string, raw: KeyOptions, parts: Parts): Promise<number> {
  const opened = await open(file, raw, parts);
  if ('faults' in opened) {
    tellFaults(file, opened, parts);
    return 1;
  }
  return await parts.secretFiles.edit(file, opened.bytes, async (copy) => {
    const bytes = await editUntilGood(file, opened, copy, parts);
    if (bytes === undefined) {
      parts.stderr.write(`${file}: nothing was changed\n`);
      return 0;
    }
    if (Buffer.compare(await parts.secretFiles.read(file), opened.encrypted) !== 0)
      throw new UsageFault(`${file} was changed by somebody else meanwhile; nothing was written, edit it again`);
    await parts.secretFiles.replace(file, bytes);
    parts.stderr.write(`${file}: encrypted what was changed\n`);
    return 0;
  });
}

/** The encrypted bytes; undefined when the text is as it was. */
async function editUntilGood(file: string, opened: OpenedFile, copy: EditedFile, parts: Parts): Promise<Uint8Array | undefined> {
  for (;;) {
    await copy.open();
    const edited = await copy.read();
    if (Buffer.compare(edited, opened.bytes) === 0) return undefined;
    const sealed = await sealEdited(file, edited, opened, worldOf(parts));
    if ('bytes' in sealed) return sealed.bytes;
    tellFaults(file, sealed, parts);
    if (!parts.stdin.isTTY) throw new UsageFault(`${file}: nothing was written`);
    await parts.secretFiles.question('Press Enter to edit it again, or Ctrl-C to give up: ');
  }
}
