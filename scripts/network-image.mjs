// The image of the network container for the engines of tests and demo: from Debian packages, without installing them and without a registry,
// by the same list of programs as the Dockerfile. `node scripts/network-image.mjs` makes it on the engine of DOCKER_HOST.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { hostOfEnvironment } from './engine-api.mjs';
import { hasImage, loadImage } from './images.mjs';
import { rootFileSystem } from './root-file-system.mjs';

/** As in src/node/network-image.ts. */
export const NETWORK_IMAGE = 'holdfast-network:1';

const COLLECT = fileURLToPath(new URL('../images/network/collect.sh', import.meta.url));
const PACKAGES =
  'bind9 bind9-dnsutils bind9-utils busybox-static conntrack haproxy iproute2 iptables netbase nftables socat util-linux'.split(
    ' ',
  );

/**
 * The engine has the image afterwards; one that is there is taken as it is. Rejects with an Error that says what to do when it cannot be made
 * here.
 */
export async function ensureNetworkImage(host = hostOfEnvironment()) {
  if (await hasImage(host, NETWORK_IMAGE)) return NETWORK_IMAGE;
  const recipe = createHash('sha256').update(readFileSync(COLLECT)).update(PACKAGES.join(' ')).digest('hex').slice(0, 12);
  const archive = rootFileSystem(`network-${recipe}`, { packages: PACKAGES, collect: COLLECT });
  await loadImage(host, NETWORK_IMAGE, readFileSync(archive), { Cmd: ['/bin/sh'] });
  return NETWORK_IMAGE;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(await ensureNetworkImage());
