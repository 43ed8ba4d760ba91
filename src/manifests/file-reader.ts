// Reads and decrypts files for one load; what the last load knows of a file is not read again.
import type { TreeFile } from './file-tree.ts';
import type { Problem } from './problem.ts';
import { type FileText, MAX_FILE_BYTES, readManifestFile, readObjects, tooLargeProblem, withoutObjects } from './reading/file.ts';
import type { Reading } from './reading/scalar.ts';
import type { Decrypter, FileObjects } from './rendering.ts';
import { fileId } from './snapshot-tree.ts';
import type { SourceObject } from './source.ts';

/** The objects of files, by `textId`. */
export type FileTexts = ReadonlyMap<string, FileText>;

const readings: readonly Reading[] = ['kubernetes', 'kustomize'];

/** One file may be read in both ways, and then has two sets of objects. `id` is a `fileId`. */
const textId = (id: string, reading: Reading): string => `${reading} ${id}`;

/** The reader of one load. */
export class FileReader {
  readonly #decrypter: Decrypter;
  readonly #before: FileTexts;
  readonly #signal: AbortSignal;
  readonly #texts = new Map<string, FileText>();
  readonly #pending = new Map<string, Promise<FileText>>();
  readonly #opened: FileText[] = [];

  constructor(decrypter: Decrypter, before: FileTexts, signal: AbortSignal) {
    this.#decrypter = decrypter;
    this.#before = before;
    this.#signal = signal;
  }

  /** What was read for rendering in this load, or kept for it. */
  get texts(): FileTexts {
    return this.#texts;
  }

  /** The objects of a file that somebody named, decrypted; remembered. */
  async readObjects(file: TreeFile, reading: Reading = 'kubernetes'): Promise<FileObjects> {
    const id = textId(fileId(file), reading);
    const known = this.#texts.get(id) ?? this.#before.get(id);
    if (known !== undefined) {
      this.#texts.set(id, known);
      return known;
    }
    const pending = this.#pending.get(id) ?? this.#read(file, (path, bytes) => readObjects(path, bytes, reading));
    this.#pending.set(id, pending);
    const text = await pending;
    this.#opened.push(text);
    this.#texts.set(id, text);
    return text;
  }

  /** The objects of a file that was found, decrypted; not remembered. The caller releases it. */
  async readManifests(file: TreeFile): Promise<FileText> {
    return await this.#read(file, readManifestFile);
  }

  /** A file as data, decrypted. */
  async readData(file: TreeFile): Promise<{ readonly bytes: Uint8Array } | { readonly problem: Problem }> {
    const bytes = await this.#bytes(file);
    if ('problem' in bytes) return bytes;
    const decrypter = this.#decrypter;
    return decrypter.isEncryptedFile(file.path, bytes.bytes) ? await decrypter.decryptFile(file.path, bytes.bytes) : bytes;
  }

  /** Keeps what is known of a file that a result in memory was made from. */
  keep(id: string): void {
    for (const reading of readings) {
      const known = this.#before.get(textId(id, reading));
      if (known !== undefined) this.#texts.set(textId(id, reading), known);
    }
  }

  /** Lets go of what only places need. */
  release(): void {
    for (const text of this.#opened.splice(0)) text.release();
  }

  async #bytes(file: TreeFile): Promise<{ readonly bytes: Uint8Array } | { readonly problem: Problem }> {
    this.#signal.throwIfAborted();
    if (file.sizeBytes !== undefined && file.sizeBytes > MAX_FILE_BYTES)
      return { problem: tooLargeProblem(file.path, file.sizeBytes) };
    const bytes = await file.read();
    return bytes.byteLength > MAX_FILE_BYTES ? { problem: tooLargeProblem(file.path, bytes.byteLength) } : { bytes };
  }

  async #read(file: TreeFile, parse: (path: string, bytes: Uint8Array) => FileText): Promise<FileText> {
    const read = await this.#bytes(file);
    if ('problem' in read) return withoutObjects([read.problem]);
    const text = parse(file.path, read.bytes);
    return text.objects.some((object) => this.#isEncrypted(object)) ? await this.#decrypted(text) : text;
  }

  async #decrypted(text: FileText): Promise<FileText> {
    const objects: SourceObject[] = [];
    const problems = [...text.problems];
    for (const object of text.objects) {
      if (!this.#isEncrypted(object)) {
        objects.push(object);
        continue;
      }
      const result = await this.#decrypter.decryptDocument(object);
      if ('object' in result) objects.push(result.object);
      else problems.push(result.problem);
    }
    return { objects, problems, hasDollar: true, release: text.release };
  }

  #isEncrypted({ value }: SourceObject): boolean {
    return typeof value === 'object' && value !== null && 'sops' in value && this.#decrypter.isEncryptedDocument(value);
  }
}
