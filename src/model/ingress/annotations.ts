// The annotations of ingress-nginx, Traefik and cert-manager that Holdfast understands: each is honoured, told to have no effect, or refused
// with a way out. One below their prefixes that is in no table is refused: it asks for something that would not happen.
import { type AnnotationFinding, type Reader, type SettingsDraft } from './annotation-reader.ts';
import { joinedSettings, nginxAnnotations } from './annotations-nginx.ts';
import { otherAnnotations } from './annotations-other.ts';
import { DEFAULT_SETTINGS, type IngressSettings } from './settings.ts';

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
