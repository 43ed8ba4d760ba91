// Where the state lives when nobody says otherwise.
import { isAbsolute, join } from 'node:path';
import { UsageFault } from './usage-fault.ts';

/**
 * HOLDFAST_DATA_DIR, else /var/lib/holdfast for root, else `holdfast` below the user's state folder (XDG Base Directory: a relative
 * XDG_STATE_HOME is ignored). Throws UsageFault when there is no home folder either.
 */
export function defaultDataDir(env: Readonly<Record<string, string | undefined>>, uid: number | undefined): string {
  const chosen = env['HOLDFAST_DATA_DIR'];
  if (chosen !== undefined && chosen !== '') return chosen;
  if (uid === 0) return '/var/lib/holdfast';
  const state = env['XDG_STATE_HOME'];
  if (state !== undefined && isAbsolute(state)) return join(state, 'holdfast');
  const home = env['HOME'];
  if (home === undefined || home === '')
    throw new UsageFault('there is no home folder to keep the state in: give --data-dir DIR or set HOLDFAST_DATA_DIR');
  return join(home, '.local', 'state', 'holdfast');
}
