// Takes everything that the network container programmed out of the kernel of its host.
import { STATE_DIRECTORY } from '../node-container.ts';
import { TAKEN_AWAY_PATH, UNINSTALL_SCRIPTS } from './init.ts';

/** How long nothing is programmed again afterwards, so that there is time to remove the container. */
const REST_SECONDS = 60;

/**
 * The script that does it: daemons first, then each part, the last one first. It goes on after a part that fails, says which, and ends with 1 then.
 * For a minute nothing is programmed again: until then the container should be removed.
 */
export const TAKE_AWAY_SCRIPT = `read -r now rest </proc/uptime
echo $((\${now%.*} + ${REST_SECONDS})) >${TAKEN_AWAY_PATH}
rm -f ${STATE_DIRECTORY}/*.enabled
wake
status=0
for file in $(ls -r ${UNINSTALL_SCRIPTS}/*.sh 2>/dev/null); do
  name=\${file##*/}
  (. "$file") </dev/null || { echo "\${name%.sh}: ended with exit code $?"; status=1; }
done
exit $status
`;
