// The keys and values of a generated ConfigMap or Secret: literals, files, and files of KEY=value lines, read as kustomize reads them.
// Values may be secret, so no message repeats one.
import type { Path } from '../../place.ts';
import { invalid } from '../../report.ts';
import { checkDataKey } from '../../rules/syntax.ts';
import type { SourcePlace } from '../../source.ts';
import type { Build } from '../resource.ts';
import { decodeText, readContent } from './files.ts';
import { type Settings, textOf, textsOf } from './settings.ts';

/** One pair. Bytes that are no text stay bytes. */
export interface KeyValue {
  readonly key: string;
  readonly bytes: Uint8Array;
  /** The line of the kustomization that asks for it. */
  readonly place: SourcePlace;
  /** Where it is written: there, or in an env file. */
  readonly written: SourcePlace;
}

/** How many pairs one generator may make. */
export const MAX_PAIRS = 50_000;

const noValue =
  'there is no "=": kustomize would take the value from the environment of whoever runs it; write KEY=value, or KEY= for none';

type Add = (key: string, bytes: Uint8Array, path: Path, line?: EnvLine) => void;

/** A line of an env file, which is where its faults are told. */
interface EnvLine {
  readonly place: SourcePlace;
  readonly tell: (message: string) => void;
}

/** All pairs of a generator, by key. A key that is given twice, or that Kubernetes does not take, is a problem. */
export async function readKeyValues(settings: Settings, build: Build): Promise<ReadonlyMap<string, KeyValue>> {
  const pairs = new Map<string, KeyValue>();
  const add: Add = (key, bytes, path, line) => {
    const place = settings.locate(path);
    const { tell, place: written } = line ?? { place, tell: (message: string) => settings.report(path, 'Invalid', message) };
    const fault = checkDataKey(key);
    const first = pairs.get(key);
    // What stands in the place of a key may be a piece of a secret.
    if (fault !== undefined) tell(line === undefined ? invalid(key, fault) : `Invalid value: ${fault}`);
    else if (first !== undefined) tell(`the key "${key}" is given twice; first at ${first.written.file}:${first.written.line}`);
    else if (pairs.size >= MAX_PAIRS) tell(`more than ${MAX_PAIRS} keys`);
    else pairs.set(key, { key, bytes, place, written });
  };
  const single = textOf(settings, 'env');
  const envs = [...textsOf(settings, 'envs'), ...(single === '' ? [] : [{ text: single, path: ['env'] }])];
  for (const { text, path } of envs) await readEnvFile(text, path, settings, build, add);
  for (const { text, path } of textsOf(settings, 'literals')) readLiteral(text, path, settings, add);
  for (const { text, path } of textsOf(settings, 'files')) await readFileSource(text, path, settings, build, add);
  return pairs;
}

function readLiteral(text: string, path: Path, settings: Settings, add: Add): void {
  const equals = text.indexOf('=');
  if (equals < 1) {
    settings.report(path, 'Invalid', 'a literal is written key=value');
    return;
  }
  add(text.slice(0, equals), Buffer.from(withoutQuotes(text.slice(equals + 1))), path);
}

/** One pair of quotes around the whole is taken away, as a shell would. */
function withoutQuotes(text: string): string {
  const [first] = text;
  return text.length >= 2 && (first === '"' || first === "'") && text.endsWith(first) ? text.slice(1, -1) : text;
}

async function readFileSource(source: string, path: Path, settings: Settings, build: Build, add: Add): Promise<void> {
  const [before, after, ...rest] = source.split('=');
  if (rest.length > 0) {
    settings.report(path, 'Invalid', `"${source}": neither the key nor the path of a file may have a "="`);
    return;
  }
  if (before === '' || after === '') {
    const what = before === '' ? 'the key before "="' : 'the path after "="';
    settings.report(path, 'Invalid', `"${source}": ${what} is missing; write key=path or path`);
    return;
  }
  const name = after ?? source;
  const content = await readContent(name, path, settings, build);
  if (content === undefined) return;
  add(after === undefined ? name.slice(name.lastIndexOf('/') + 1) : (before ?? ''), content.bytes, path);
}

async function readEnvFile(name: string, path: Path, settings: Settings, build: Build, add: Add): Promise<void> {
  const content = await readContent(name, path, settings, build);
  if (content === undefined) return;
  const text = decodeText(content.bytes);
  if (text === undefined) {
    settings.report(path, 'Unreadable', `${name} is not valid UTF-8`);
    return;
  }
  for (const [index, raw] of text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .entries()) {
    const line = raw.replace(/\r$/, '').trimStart();
    if (line === '' || line.startsWith('#')) continue;
    const place = { file: content.file.path, line: index + 1, column: raw.length - raw.trimStart().length + 1 };
    const tell = (message: string): void => {
      build.problems.push({ severity: 'error', reason: 'Invalid', ...place, field: '', message });
    };
    const equals = line.indexOf('=');
    if (equals === -1) tell(noValue);
    else add(line.slice(0, equals), Buffer.from(line.slice(equals + 1)), path, { place, tell });
  }
}
