// The fabric's part of the boot: addresses, routes and devices of the node, from the scripts that the controller left. What these have in them is
// not known here.
import { ROUTES_QUESTION } from '../fabric/fabric-names.ts';
import { STATE_DIRECTORY } from '../node-container.ts';
import type { BootPart } from './parts.ts';

/** Makes the node's addresses, routes and devices as they should be, whatever is there already. */
export const FABRIC_FILE = `${STATE_DIRECTORY}/fabric.sh`;
/** Says what is missing of them. */
export const FABRIC_CHECK_FILE = `${STATE_DIRECTORY}/fabric-check.sh`;
/** Takes them away. */
export const FABRIC_REMOVAL_FILE = `${STATE_DIRECTORY}/fabric-removal.sh`;

/** Runs the node's scripts, if it has any. */
export const fabricPart: BootPart = {
  name: 'fabric',
  order: 10,
  boot: `[ -s ${FABRIC_FILE} ] || exit 0
. ${FABRIC_FILE}
`,
  questions: [ROUTES_QUESTION],
  check: `[ ! -s ${FABRIC_CHECK_FILE} ] || . ${FABRIC_CHECK_FILE}
`,
  uninstall: `[ ! -s ${FABRIC_REMOVAL_FILE} ] || (. ${FABRIC_REMOVAL_FILE})
rm -f ${FABRIC_FILE} ${FABRIC_CHECK_FILE} ${FABRIC_REMOVAL_FILE}
`,
};
