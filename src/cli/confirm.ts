// What cannot be undone is confirmed: by --yes, or by typing the name of what goes.
import { type Parts } from './parts.ts';
import { UsageFault } from './usage-fault.ts';

/** What is to be confirmed, in words. */
export interface Confirmation {
  readonly yes?: true | undefined;
  /** What has to be typed. */
  readonly name: string;
  /** Asked before `Type NAME to go on`; may be empty. */
  readonly question: string;
  /** What would happen, for whoever can be asked nothing. */
  readonly warning: string;
  /** What did not happen when something else was typed. */
  readonly refusal: string;
}

/** Resolves when it was confirmed. Throws UsageFault when it was not, or when there is nobody to ask. */
export async function confirm({ yes, name, question, warning, refusal }: Confirmation, parts: Parts): Promise<void> {
  if (yes === true) return;
  if (!parts.stdin.isTTY) throw new UsageFault(`${warning}; confirm it with --yes`);
  const answer = await parts.answer(`${question}Type ${name} to go on: `);
  if (answer.trim() !== name) throw new UsageFault(`that is another name; ${refusal}`);
}
