// What an application is called that has no name.
import { basename } from 'node:path';
import type { ReconcileOptions } from '../cli/parts.ts';

/** The name given, else the last part of the path, else the repository's. Made to fit Kubernetes' rule for names. */
export function applicationName({ application, path, repo }: Pick<ReconcileOptions, 'application' | 'path' | 'repo'>): string {
  if (application !== undefined) return application;
  const last = (text: string): string => basename(text.replace(/[/\\]+$/, '').replace(/\.git$/, ''));
  const chosen = [last(path), last(repo), last(process.cwd())].map(asName).find((name) => name !== '');
  return chosen ?? 'main';
}

function asName(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 63);
}
