// The part of the boot that answers for addresses of pools: from the scripts that the controller left, as the fabric has them. After the rules, so that
// nobody comes before there is somewhere to lead him.
import { STATE_DIRECTORY } from '../node-container.ts';
import type { BootPart } from './parts.ts';

/** Makes the host have the addresses that it answers for. There as long as there are some. */
export const ANNOUNCE_FILE = `${STATE_DIRECTORY}/announce.sh`;
/** Says what is missing of them. */
export const ANNOUNCE_CHECK_FILE = `${STATE_DIRECTORY}/announce-check.sh`;
/** Takes them away. */
export const ANNOUNCE_REMOVAL_FILE = `${STATE_DIRECTORY}/announce-removal.sh`;

/** Runs the node's scripts, if it has any. */
export const announcePart: BootPart = {
  name: 'announce',
  order: 60,
  boot: `[ ! -s ${ANNOUNCE_FILE} ] || . ${ANNOUNCE_FILE}
`,
  check: `[ ! -s ${ANNOUNCE_CHECK_FILE} ] || . ${ANNOUNCE_CHECK_FILE}
`,
  uninstall: `[ ! -s ${ANNOUNCE_REMOVAL_FILE} ] || (. ${ANNOUNCE_REMOVAL_FILE})
rm -f ${ANNOUNCE_FILE} ${ANNOUNCE_CHECK_FILE} ${ANNOUNCE_REMOVAL_FILE}
`,
};
