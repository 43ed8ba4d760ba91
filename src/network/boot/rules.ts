// The rules' part of the boot: everything below /state becomes one nftables transaction, so that at no moment half of the rules apply.
import { FRAME_FILE } from '../change-script.ts';
import { FRAME_MARK } from '../frame.ts';
import { STATE_DIRECTORY } from '../node-container.ts';
import { tableOf } from '../plan-change.ts';
import type { BootPart } from './parts.ts';

/** Declarations of the node's tables: base chains, maps, sets. Without it nothing was ever programmed. */
const FRAME = `${STATE_DIRECTORY}/${FRAME_FILE}`;
/** One file for each fragment. */
const RULES_DIRECTORY = `${STATE_DIRECTORY}/rules`;

/**
 * Programs the tables of a cluster. What is there is replaced within the transaction. When the whole is refused (a file that the power cut short)
 * what is programmed stays; where nothing is, each file that is good gets its chance.
 */
export function rulesPart(cluster: string): BootPart {
  // As nft names them. No other table is ever touched.
  const tables = ['ip', 'bridge'].map((family) => `${family} ${tableOf({ cluster })}`);
  const emptied = tables.map((table) => `table ${table} {}\\ndelete table ${table}\\n`).join('');
  return {
    name: 'rules',
    order: 20,
    boot: `[ -s ${FRAME} ] || exit 0
all() { printf '${emptied}'; cat ${FRAME}; for file in ${RULES_DIRECTORY}/*.nft; do [ ! -s "$file" ] || cat "$file"; done; }
fault=$(all | nft -f - 2>&1) && exit 0
echo "rules: $(echo "$fault" | head -n 3)"
! nft list tables | grep -qxF 'table ${tables[0]}' || exit 0
nft -f ${FRAME} || exit 1
for file in ${RULES_DIRECTORY}/*.nft; do
  [ ! -s "$file" ] || nft -f "$file" 2>/dev/null || echo "rules: left out: \${file##*/}"
done
`,
    check: `read -r first 2>/dev/null <${FRAME} || exit 0
# Most frames have one table, and one question is enough.
case $first in 'table ${tables[0]} {') ! nft list set ${tables[0]} ${FRAME_MARK} >/dev/null 2>&1 || exit 0 ;; esac
# It names all tables of the host. 'list tables' would read all that is in them, which takes a quarter of a second for a thousand Services.
tables=$(nft list flowtables) || exit 0
${tables
  .map(
    (table) =>
      `case $tables in *'table ${table} {'*) ;; *) ! grep -q '^table ${table}\\b' ${FRAME} || echo 'table ${table} is gone' ;; esac`,
  )
  .join('\n')}
exit 0
`,
    uninstall: `${tables.map((table) => `nft delete table ${table} 2>/dev/null`).join('\n')}
rm -rf ${FRAME} ${RULES_DIRECTORY}/*
`,
  };
}
