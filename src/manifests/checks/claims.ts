// Claims that only one pod may use and more than one wants, and volumes that two claims ask for.
import type { Facts } from './facts.ts';
import type { ObjectSet, Spot, Tell } from './object-set.ts';

export function checkClaims(set: ObjectSet, tell: Tell): void {
  checkVolumes(set, tell);
  const single = new Set(
    set
      .ofKind('PersistentVolumeClaim')
      .filter(({ resource }) => resource.spec.accessModes.includes('ReadWriteOncePod'))
      .map(({ key }) => `${key.namespace}/${key.name}`),
  );
  if (single.size === 0) return;
  const users = new Map<string, Spot>();
  for (const at of set.members) {
    for (const [index, { persistentVolumeClaim: claim }] of (at.pods?.spec.volumes ?? []).entries()) {
      const key = `${at.key.namespace}/${claim?.claimName ?? ''}`;
      if (at.pods === undefined || at.pods.count === 0 || !single.has(key)) continue;
      const path = [...at.pods.path, 'volumes', index, 'persistentVolumeClaim', 'claimName'];
      const other = users.get(key);
      if (other === undefined) users.set(key, { at, path });
      if (other?.at !== at) tellUser({ at, path }, other, claim?.claimName ?? '', tell);
    }
  }
}

function tellUser({ at, path }: Spot, other: Spot | undefined, claim: string, tell: Tell): void {
  const what = `claim "${claim}" is for one pod only (ReadWriteOncePod)`;
  const count = at.pods?.count ?? 0;
  if (other !== undefined) {
    // What ends lets go of the claim.
    const isSure = at.pods?.isLasting === true && other.at.pods?.isLasting === true;
    const message = (name: string): string => `${what} and used by ${name}`;
    tell({ at, path, severity: isSure ? 'error' : 'note', reason: 'Conflict', message, other });
  } else if (count > 1 && at.pods?.isLasting === true) {
    const message = `${what}, and there are to be ${Number.isFinite(count) ? `${count} pods` : 'pods on every node'}`;
    tell({ at, path, severity: Number.isFinite(count) ? 'error' : 'note', reason: 'Conflict', message });
  }
}

/** A volume is bound to one claim. */
function checkVolumes(set: ObjectSet, tell: Tell): void {
  const claims = new Map<string, Facts>();
  const path = ['spec', 'volumeName'];
  for (const at of set.ofKind('PersistentVolumeClaim')) {
    const { volumeName = '' } = at.resource.spec;
    const other = claims.get(volumeName);
    if (volumeName === '') continue;
    if (other === undefined) claims.set(volumeName, at);
    else {
      const message = (name: string): string => `PersistentVolume "${volumeName}" is claimed by ${name}`;
      tell({ at, path, severity: 'error', reason: 'Conflict', message, other: { at: other, path } });
    }
  }
}
