// Writes `sops` blocks into YAML and JSON texts: a new one, or the one that was there with a new time and checksum.

import { resolvePlain } from '../reading/scalar.ts';
import { readAsSops } from './go-scalar.ts';
import type { AgeEntry } from './metadata.ts';
import { quoted } from './print-scalar.ts';
import type { RuleSetting } from './rule.ts';
import { lineStart, type ParsedText, replaceParts, type TextDocument } from './text-syntax.ts';
import type { Span, Tree } from './tree.ts';

/** The version of SOPS whose format this is. */
export const FORMAT_VERSION = '3.9.0';

/** What a new block says. */
export interface BlockContent {
  readonly age: readonly AgeEntry[];
  readonly rule: RuleSetting;
  readonly macOnlyEncrypted: boolean;
  readonly lastModified: string;
  readonly mac: string;
}

/** The block of one document as it was, and where its time and its checksum stand in it. */
export interface KeptBlock {
  readonly text: string;
  readonly lastModified: Span;
  readonly mac: Span;
}

/** A block as plain values, in the order in which SOPS writes it. */
export function blockValue({ age, rule, macOnlyEncrypted, lastModified, mac }: BlockContent): Record<string, unknown> {
  const fields: Record<string, unknown> = {
    age: age.map(({ recipient, enc }) => ({ recipient, enc })),
    lastmodified: lastModified,
    mac,
    ...(macOnlyEncrypted ? { mac_only_encrypted: true } : {}),
    [rule.name]: rule.value,
    version: FORMAT_VERSION,
  };
  return fields;
}

/** In YAML, without indentation of its own and with a line break at the end. */
function blockLines(content: BlockContent): string[] {
  const ages = content.age.flatMap(({ recipient, enc }) => [
    `        - recipient: ${scalar(recipient)}`,
    '          enc: |',
    ...enc
      .trimEnd()
      .split('\n')
      .map((line) => `            ${line}`),
  ]);
  return [
    'sops:',
    '    age:',
    ...ages,
    `    lastmodified: ${quoted(content.lastModified)}`,
    `    mac: ${content.mac}`,
    ...(content.macOnlyEncrypted ? ['    mac_only_encrypted: true'] : []),
    `    ${content.rule.name}: ${scalar(content.rule.value)}`,
    `    version: ${FORMAT_VERSION}`,
  ];
}

function scalar(text: string): string {
  const isPlain = /^[A-Za-z0-9_^(][A-Za-z0-9_^()|$./-]*$/.test(text) && resolvePlain(text) === text;
  return isPlain && readAsSops(text, true).type === 'str' ? text : quoted(text);
}

/** Puts a block into every document, at its end. */
export function insertBlocks(parsed: ParsedText, content: BlockContent | readonly KeptBlock[]): string {
  const parts = parsed.documents.map((document, index) => {
    const kept = 'age' in content ? undefined : (content[index] ?? content[0]);
    return document.isFlow ? flowPart(document, parsed.text, kept, content) : blockPart(document, parsed.text, kept, content);
  });
  return replaceParts(parsed.text, parts);
}

type Part = Span & { readonly with: string };

function blockPart(
  { span, end }: TextDocument,
  text: string,
  kept: KeptBlock | undefined,
  content: BlockContent | readonly KeptBlock[],
): Part {
  const indent = ' '.repeat(span.start - lineStart(text, span.start));
  const lines = 'age' in content ? blockLines(content).map((line) => `${indent}${line}\n`) : [];
  const block = kept?.text ?? lines.join('');
  const isLast = end === text.length;
  const separator = end > 0 && text[end - 1] !== '\n' ? '\n' : '';
  return { start: end, end, with: separator + (isLast || block.endsWith('\n') ? block : `${block}\n`) };
}

function flowPart(
  { span, tree }: TextDocument,
  text: string,
  kept: KeptBlock | undefined,
  content: BlockContent | readonly KeptBlock[],
): Part {
  const brace = span.end - 1;
  const last = tree.entries.at(-1);
  const from = last === undefined ? span.start + 1 : entryEnd(last.tree, last.span?.end ?? 0);
  const rest = text.slice(from, brace).replace(/#.*$/gm, (comment) => ' '.repeat(comment.length));
  const comma = rest.indexOf(',');
  const at = comma === -1 ? from : from + comma + 1;
  const first = tree.entries[0]?.span?.start ?? span.start;
  const lead = text.slice(lineStart(text, first), first);
  const isLined = /^[ \t]*$/.test(lead) && text.slice(span.start, brace).includes('\n');
  const own =
    'age' in content ? JSON.stringify(blockValue(content), null, isLined ? (lead === '' ? '\t' : lead) : undefined) : '';
  const block = kept?.text ?? `"sops": ${isLined ? own.replaceAll('\n', `\n${lead}`) : own}`;
  const before = last === undefined || comma !== -1 ? '' : ',';
  const gap = isLined ? `\n${lead}` : last === undefined ? '' : ' ';
  return { start: at, end: at, with: `${before}${gap}${block}${comma === -1 ? '' : ','}` };
}

/** The blocks of a text, to be put back after a change. */
export function keepBlocks(parsed: ParsedText): readonly KeptBlock[] | undefined {
  const kept: KeptBlock[] = [];
  for (const document of parsed.documents) {
    const span = blockSpan(document, parsed.text);
    const fields = document.metadata?.tree.kind === 'branch' ? document.metadata.tree.entries : [];
    const [lastModified, mac] = ['lastmodified', 'mac'].map((name) => {
      const leaf = fields.find(({ key }) => key === name)?.tree;
      const place = leaf?.kind === 'leaf' ? leaf.span : undefined;
      return place === undefined || span === undefined
        ? undefined
        : { start: place.start - span.start, end: place.end - span.start };
    });
    if (span === undefined || lastModified === undefined || mac === undefined) return undefined;
    kept.push({ text: parsed.text.slice(span.start, span.end), lastModified, mac });
  }
  return kept;
}

/** A kept block with a new time and checksum. */
export function renewBlock(block: KeptBlock, lastModified: string, mac: string, isFlow: boolean): KeptBlock {
  const text = replaceParts(block.text, [
    { ...block.lastModified, with: quoted(lastModified) },
    { ...block.mac, with: isFlow ? quoted(mac) : mac },
  ]);
  return { ...block, text };
}

/** The `sops` block with its line, or with the comma before it. */
export function removeBlock({ metadata, isFlow, tree }: TextDocument, { text }: ParsedText): Part[] {
  const span = blockSpan({ metadata, isFlow }, text);
  if (span === undefined) return [];
  if (!isFlow) return [{ ...span, with: '' }];
  const before = tree.entries.map((entry) => entryEnd(entry.tree, entry.span?.end ?? 0)).filter((end) => end <= span.start);
  const after = tree.entries.map((entry) => entry.span?.start ?? 0).filter((start) => start >= span.end);
  if (before.length > 0) return [{ start: Math.max(...before), end: span.end, with: '' }];
  return [{ start: span.start, end: after.length > 0 ? Math.min(...after) : span.end, with: '' }];
}

/** What a `sops` block takes in the text: in block style whole lines. */
export function blockSpan({ metadata, isFlow }: Pick<TextDocument, 'metadata' | 'isFlow'>, text: string): Span | undefined {
  const start = metadata?.span?.start;
  if (metadata === undefined || start === undefined) return undefined;
  const end = entryEnd(metadata.tree, metadata.span?.end ?? start);
  if (isFlow) return { start, end };
  const last = text[end - 1] === '\n' ? end : text.indexOf('\n', end) + 1;
  return { start: lineStart(text, start), end: last === 0 ? text.length : last };
}

/** Where a value ends; its closing brace is part of it. */
function entryEnd(tree: Tree, from: number): number {
  return tree.span?.end ?? from;
}
