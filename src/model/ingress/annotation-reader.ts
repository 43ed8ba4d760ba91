// How one annotation is read: what readers get, and what they find.
import type { IngressSettings } from './settings.ts';

/** Something to tell of one annotation. */
export interface AnnotationFinding {
  readonly annotation: string;
  readonly severity: 'error' | 'note';
  readonly message: string;
}

/** Takes the value of one annotation in. No value that it lets through can end a word or a line of the proxy's configuration. */
export type Reader = (value: string, draft: SettingsDraft) => Verdict;

/** What an annotation asks for, bit by bit. */
export type SettingsDraft = { -readonly [Key in keyof IngressSettings]?: IngressSettings[Key] } & {
  /** Values that make sense only together with others. */
  readonly raw: Map<string, string>;
};

/** What is told of a value: nothing when it is honoured. */
export type Verdict = { readonly refused: string } | { readonly note: string } | undefined;
