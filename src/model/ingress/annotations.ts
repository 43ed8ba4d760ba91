// The annotations of ingress-nginx, Traefik and cert-manager that Holdfast understands: each is honoured, told to have no effect, or refused
// with a way out. One below their prefixes that is in no table is refused: it asks for something that would not happen.
import { joinedSettings, nginxAnnotations } from './annotations-nginx.ts';
import { otherAnnotations } from './annotations-other.ts';
import { DEFAULT_SETTINGS, type IngressSettings } from './settings.ts';

/** What an annotation asks for, bit by bit. */
export type SettingsDraft = { -readonly [Key in keyof IngressSettings]?: IngressSettings[Key] } & {
  /** Values that make sense only together with others. */
  readonly raw: Map<string, string>;
};

/** What is told of a value: nothing when it is honoured. */
export type Verdict = { readonly refused: string } | { readonly note: string } | undefined;

/** Takes the value of one annotation in. No value that it lets through can end a word or a line of the proxy's configuration. */
export type Reader = (value: string, draft: SettingsDraft) => Verdict;

/** Something to tell of one annotation. */
export interface AnnotationFinding {
  readonly annotation: string;
  readonly severity: 'error' | 'note';
  readonly message: string;
}

/** What the annotations of an Ingress ask for. */
export interface ReadAnnotations {
  readonly settings: IngressSettings;
  readonly findings: readonly AnnotationFinding[];
}

const prefixes = ['nginx.ingress.kubernetes.io/', 'traefik.ingress.kubernetes.io/', 'cert-manager.io/', 'acme.cert-manager.io/'];
const readers: ReadonlyMap<string, Reader> = new Map([...nginxAnnotations, ...otherAnnotations]);
const unknown =
  'is not understood by Holdfast, and what it asks for would not happen; take it out, or see "Ingress" in the reference for those that are';

/** Reads annotations. What is refused is not in the settings. */
export function readAnnotations(annotations: Readonly<Record<string, string>> | undefined): ReadAnnotations {
  const draft: SettingsDraft = { raw: new Map() };
  const findings: AnnotationFinding[] = [];
  for (const [annotation, value] of Object.entries(annotations ?? {})) {
    if (!prefixes.some((prefix) => annotation.startsWith(prefix))) continue;
    const reader = readers.get(annotation);
    const verdict = reader === undefined ? { refused: unknown } : reader(value, draft);
    if (verdict === undefined) continue;
    const isRefused = 'refused' in verdict;
    findings.push({
      annotation,
      severity: isRefused ? 'error' : 'note',
      message: isRefused ? verdict.refused : verdict.note,
    });
  }
  for (const finding of joinedSettings(draft)) findings.push(finding);
  const { raw: _, ...settings } = draft;
  return { settings: { ...DEFAULT_SETTINGS, ...settings }, findings };
}
