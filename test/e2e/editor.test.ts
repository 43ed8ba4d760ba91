// The published schemas in the language server that editors use.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const program = join(root, 'node_modules/yaml-language-server/bin/yaml-language-server');
const settings = {
  validate: true,
  hover: true,
  completion: true,
  schemaStore: { enable: false },
  schemas: { [`file://${join(root, 'schemas/holdfast.schema.json')}`]: '*.yaml' },
};

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: {
    readonly uri?: string;
    readonly items?: readonly { readonly section: string }[];
    readonly diagnostics?: readonly { readonly message: string; readonly range: { readonly start: { readonly line: number } } }[];
  };
  readonly result?: unknown;
}

/** As much of the Language Server Protocol as an editor needs to open a file. */
class Editor {
  readonly #server: ChildProcessWithoutNullStreams = spawn(process.execPath, [program, '--stdio']);
  readonly #answers = new Map<number, (result: unknown) => void>();
  readonly #diagnosed = new Map<string, (lines: string[]) => void>();
  #text = Buffer.alloc(0);
  #id = 0;

  constructor() {
    this.#server.stdout.on('data', (chunk: Buffer) => {
      this.#text = Buffer.concat([this.#text, chunk]);
      for (let message = this.#next(); message !== undefined; message = this.#next()) this.#receive(message);
    });
  }

  request(method: string, params: object): Promise<unknown> {
    const id = ++this.#id;
    this.#send({ id, method, params });
    return new Promise((resolve) => void this.#answers.set(id, resolve));
  }

  notify(method: string, params: object): void {
    this.#send({ method, params });
  }

  /** Opens a file and waits for what the server thinks of it: `LINE MESSAGE`. */
  diagnose(name: string, text: string): Promise<string[]> {
    const uri = `file:///${name}`;
    const diagnosed = new Promise<string[]>((resolve) => void this.#diagnosed.set(uri, resolve));
    this.notify('textDocument/didOpen', { textDocument: { uri, languageId: 'yaml', version: 1, text } });
    return diagnosed;
  }

  close(): void {
    this.#server.kill();
  }

  #send(message: object): void {
    const body = JSON.stringify({ jsonrpc: '2.0', ...message });
    this.#server.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  }

  #next(): Message | undefined {
    const head = this.#text.indexOf('\r\n\r\n');
    const length = /Content-Length: (\d+)/.exec(this.#text.subarray(0, Math.max(0, head)).toString())?.[1];
    if (length === undefined || this.#text.length < head + 4 + Number(length)) return undefined;
    const body = this.#text.subarray(head + 4, head + 4 + Number(length)).toString();
    this.#text = this.#text.subarray(head + 4 + Number(length));
    return JSON.parse(body) as Message;
  }

  #receive({ id, method, params, result }: Message): void {
    if (method === 'textDocument/publishDiagnostics') {
      const lines = (params?.diagnostics ?? []).map(({ message, range }) => `${range.start.line + 1} ${message}`);
      this.#diagnosed.get(params?.uri ?? '')?.(lines.sort());
    } else if (method !== undefined && id !== undefined) {
      const isConfiguration = method === 'workspace/configuration';
      this.#send({
        id,
        result: isConfiguration ? params?.items?.map(({ section }) => (section === 'yaml' ? settings : null)) : null,
      });
    } else if (id !== undefined) this.#answers.get(id)?.(result);
  }
}

let editor: Editor;
beforeAll(async () => {
  editor = new Editor();
  await editor.request('initialize', { processId: null, rootUri: null, capabilities: { workspace: { configuration: true } } });
  editor.notify('initialized', {});
  editor.notify('workspace/didChangeConfiguration', { settings: { yaml: settings } });
});
afterAll(() => editor.close());

test('a manifest that is right has no marks', async () => {
  const text = readFileSync(join(root, 'examples-repo/shop/web.yaml'), 'utf8');
  expect(await editor.diagnose('right.yaml', text)).toEqual([]);
});

test('unknown and missing fields, wrong types and wrong words are marked at their lines', async () => {
  const text = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: two
  selectr: {}
  template:
    spec:
      containers:
      - name: a
        imagePullPolicy: Allways
`;
  expect(await editor.diagnose('wrong.yaml', text)).toEqual([
    '11 Missing property "image".',
    '12 Value is not accepted. Valid values: "Always", "IfNotPresent", "Never".',
    '5 Missing property "selector".',
    '6 Incorrect type. Expected "integer".',
    '7 Property selectr is not allowed.',
  ]);
});

test('what a field means is shown', async () => {
  await editor.diagnose('hover.yaml', 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec:\n  replicas: 1\n');
  const hover = await editor.request('textDocument/hover', {
    textDocument: { uri: 'file:///hover.yaml' },
    position: { line: 4, character: 4 },
  });
  expect(JSON.stringify(hover)).toContain('How many pods; 1 when absent.');
});
