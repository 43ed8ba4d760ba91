// The fabric's part of the boot: addresses, routes and devices of the node, from the script that the controller left. What that has in it is not
// known here.
import { STATE_DIRECTORY } from '../node-container.ts';
import type { BootPart } from './parts.ts';

/** Makes the node's addresses, routes and devices as they should be, whatever is there already. */
export const FABRIC_FILE = `${STATE_DIRECTORY}/fabric.sh`;

/** Runs the node's fabric script, if it has one. */
export const fabricPart: BootPart = {
  name: 'fabric',
  order: 10,
  boot: `[ -s ${FABRIC_FILE} ] || exit 0
. ${FABRIC_FILE}
`,
};
