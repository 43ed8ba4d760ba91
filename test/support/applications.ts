// Applications, commits and records for tests.
import type { Application, ApplicationStatus, CommitInfo, Stored, SyncAttempt, SyncRecord } from '../../src/model/resource.ts';

/** Commits by the names of their authors. */
export const annsCommit: CommitInfo = {
  id: '1a2b3c4d5e6f7a8b9c0d1e2f3a4b5c6d7e8f9a0b',
  subject: 'Three replicas',
  author: 'Ann Lee <ann@example.com>',
  time: '2026-01-01T00:00:00Z',
};
export const bobsCommit: CommitInfo = {
  id: '9f8e7d6c5b4a39281706f5e4d3c2b1a09f8e7d6c',
  subject: 'Newer image',
  author: 'Bob <bob@example.com>',
  time: '2026-01-01T00:10:00Z',
};

/** The application `shop`. */
export function anApplication(status: ApplicationStatus = {}, name = 'shop'): Stored<Application> {
  return {
    apiVersion: 'holdfast.dev/v1',
    kind: 'Application',
    metadata: {
      name,
      uid: `uid-application-${name}`,
      resourceVersion: '1',
      generation: 1,
      creationTimestamp: '2026-01-01T00:00:00Z',
    },
    spec: { repo: '/srv/shop.git', revision: 'branch main', path: 'apps', timeoutSeconds: 300 },
    status,
  };
}

/** A commit on its way. */
export function anAttempt(phase: SyncAttempt['phase'], options: Partial<SyncAttempt> = {}): SyncAttempt {
  return {
    commit: annsCommit,
    phase,
    startedAt: '2026-01-01T11:55:05Z',
    deadline: '2026-01-01T12:00:05Z',
    actions: 0,
    ...options,
  };
}

/** How a commit ended, after twelve seconds. */
export function aRecord(outcome: SyncRecord['outcome'], options: Partial<SyncRecord> = {}): SyncRecord {
  return {
    commit: annsCommit,
    outcome,
    message: '',
    startedAt: '2026-01-01T00:00:00Z',
    finishedAt: '2026-01-01T00:00:12Z',
    actions: 3,
    ...options,
  };
}
