// The registry credentials of whoever runs Holdfast: the file that `docker login` writes. They serve every pod, as a kubelet's do
// (Kubernetes, "Configuring nodes to authenticate to a private registry"). Their values never get into a message.
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type Keyring, keyringOfDockerConfig } from '../model/registry.ts';
import type { Logger } from '../system/logger.ts';

/** Reads `$DOCKER_CONFIG/config.json`, or `~/.docker/config.json`. Without the file, or with an unreadable one, there are none. */
export function readNodeKeyring(env: Readonly<Record<string, string | undefined>>, logger: Logger): Keyring {
  const folder = env['DOCKER_CONFIG'] ?? '';
  const file = join(folder === '' ? join(env['HOME'] ?? homedir(), '.docker') : folder, 'config.json');
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch {
    return [];
  }
  const result = keyringOfDockerConfig(bytes);
  if (result.ok) return result.keyring;
  logger.warn({ file, message: result.message }, 'registry credentials cannot be read');
  return [];
}
