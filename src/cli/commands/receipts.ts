// `holdfast receipts`: the signed documents of what became of each sync.
import type { Command } from 'commander';
import { keyName, type Receipt, receiptOf, verifyReceipts } from '../../sync/receipts/receipt.ts';
import { receiptsOf } from '../../sync/receipts/receipt-writes.ts';
import { columns } from '../columns.ts';
import type { Finish } from '../endings.ts';
import { type Parts } from '../parts.ts';
import { authorName, count, fit, printable, shortCommit } from '../phrases.ts';
import { addPlaceOptions, outputOption, placeOptions, type RawPlaceOptions } from '../source-options.ts';
import { age } from '../times.ts';
import { UsageFault } from '../usage-fault.ts';
import { withStore } from '../with-store.ts';

const MAX_SUBJECT_CHARACTERS = 50;

interface RawOptions extends RawPlaceOptions {
  output: 'text' | 'json';
  key?: string;
}

export function registerReceipts(program: Command, parts: Parts, finish: Finish): void {
  const command = program.command('receipts').description('list, print and verify the signed receipts of syncs');
  addPlaceOptions(
    command
      .command('ls')
      .description('list receipts, newest first; -o json prints all of them whole')
      .argument('[application]', 'only those of this one')
      .addOption(outputOption('text', 'json')),
  ).action(async (name: string | undefined, raw: RawOptions) => finish(await list(name, raw, parts)));
  addPlaceOptions(
    command
      .command('show')
      .description('print one receipt as JSON')
      .argument('<application>', 'the application')
      .argument('[which]', 'its number or its commit (default: the newest)'),
  ).action(async (name: string, which: string | undefined, raw: RawOptions) => finish(await show(name, which, raw, parts)));
  addPlaceOptions(
    command
      .command('verify')
      .description('verify receipts: signature, key, and that none is missing; exit 1 when anything is wrong')
      .argument('[file]', 'what "receipts show" or "receipts ls -o json" printed (default: all that are kept)')
      .option('--key <key>', 'the public key that must have signed them, or a file with it (default: that of the data folder)')
      .addOption(outputOption('text', 'json')),
  ).action(async (file: string | undefined, raw: RawOptions) => finish(await verify(file, raw, parts)));
  addPlaceOptions(command.command('key').description('print the public key of this installation')).action(
    async (raw: RawOptions) => {
      const { dataDir } = placeOptions(raw, parts);
      const key = await parts.receiptKey(dataDir);
      if (key === undefined) throw new UsageFault(`nothing was signed yet with the data folder ${dataDir}`);
      parts.stdout.write(`${key}\n`);
      finish(0);
    },
  );
  command.addHelpText(
    'after',
    '\nExamples:\n  holdfast receipts show shop > shop.receipt\n  holdfast receipts verify shop.receipt --key "$(holdfast receipts key)"',
  );
}

function kept(name: string | undefined, raw: RawPlaceOptions, parts: Parts): Promise<readonly Receipt[]> {
  return withStore(parts, placeOptions(raw, parts), (reader) => {
    const names =
      name === undefined ? [...new Set(reader.list('Receipt').map(({ spec }) => spec.application))].toSorted() : [name];
    return names.flatMap((application) => receiptsOf(application, reader).map(({ spec }) => receiptOf(spec)));
  });
}

async function list(name: string | undefined, raw: RawOptions, parts: Parts): Promise<number> {
  const receipts = (await kept(name, raw, parts)).toReversed();
  if (raw.output === 'json') {
    parts.stdout.write(`${JSON.stringify({ receipts }, null, 2)}\n`);
    return 0;
  }
  if (receipts.length === 0) {
    parts.stderr.write('There is no receipt yet.\n');
    return 0;
  }
  const now = parts.clock.now();
  const rows = receipts.map(({ document, publicKey }) => [
    printable(document.application),
    String(document.sequence),
    age(document.finishedAt, now),
    shortCommit(document.commit.id),
    document.outcome,
    keyName(publicKey),
    authorName(document.commit.author),
    fit(printable(document.commit.subject), MAX_SUBJECT_CHARACTERS),
  ]);
  const header = ['APPLICATION', 'NUMBER', 'AGE', 'COMMIT', 'OUTCOME', 'KEY', 'AUTHOR', 'SUBJECT'];
  parts.stdout.write(`${columns(header, rows).join('\n')}\n`);
  return 0;
}

async function show(name: string, which: string | undefined, raw: RawOptions, parts: Parts): Promise<number> {
  const receipts = await kept(name, raw, parts);
  const isMeant = ({ document }: Receipt): boolean =>
    which === undefined || String(document.sequence) === which || (which.length >= 4 && document.commit.id.startsWith(which));
  const receipt = receipts.findLast(isMeant);
  if (receipt === undefined) {
    const what = which === undefined ? '' : ` ${which}`;
    throw new UsageFault(`there is no receipt${what} of ${name}: "holdfast receipts ls" lists those that are kept`);
  }
  parts.stdout.write(`${JSON.stringify(receipt, null, 2)}\n`);
  return 0;
}

async function verify(file: string | undefined, raw: RawOptions, parts: Parts): Promise<number> {
  const receipts =
    file === undefined ? await kept(undefined, raw, parts) : parseReceipts(await parts.secretFiles.read(file), file);
  const found = verifyReceipts(receipts, await trustedKey(file, raw, parts));
  const isRight = found.faults.length === 0;
  if (raw.output === 'json') {
    parts.stdout.write(`${JSON.stringify({ valid: isRight, receipts: receipts.length, ...found }, null, 2)}\n`);
  } else {
    for (const fault of found.faults) parts.stdout.write(`${printable(fault)}\n`);
    for (const note of found.notes) parts.stdout.write(`note: ${printable(note)}\n`);
    if (isRight) parts.stdout.write(`${count(receipts.length, 'receipt')} verified\n`);
  }
  return isRight ? 0 : 1;
}

/** The key that was given, in a file or as it is; else that of the data folder, which speaks for its own receipts. */
async function trustedKey(file: string | undefined, raw: RawOptions, parts: Parts): Promise<string | undefined> {
  if (raw.key === undefined) return file === undefined ? await parts.receiptKey(placeOptions(raw, parts).dataDir) : undefined;
  const isKey = (text: string): boolean => /^[A-Za-z0-9+/]{43}=$/.test(text);
  if (isKey(raw.key)) return raw.key;
  const text = Buffer.from(await parts.secretFiles.read(raw.key))
    .toString('utf8')
    .trim();
  if (!isKey(text)) throw new UsageFault(`${raw.key} holds no public key as "holdfast receipts key" prints it`);
  return text;
}

function parseReceipts(bytes: Uint8Array, file: string): readonly Receipt[] {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    throw new UsageFault(`${file} is not JSON`);
  }
  const all: unknown = isRecord(value) && Array.isArray(value['receipts']) ? value['receipts'] : [value];
  const receipts = all as readonly unknown[];
  if (!receipts.every(isReceipt)) throw new UsageFault(`${file} holds no receipt as "holdfast receipts show" prints it`);
  return receipts;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** As far as it is looked at before the signature says that it is what was written. */
function isReceipt(value: unknown): value is Receipt {
  if (!isRecord(value) || !isRecord(value['document'])) return false;
  const { document, signature, publicKey } = value;
  const texts = [signature, publicKey, document['application'], document['format'], document['startedAt']];
  return texts.every((text) => typeof text === 'string') && Number.isInteger(document['sequence']);
}
