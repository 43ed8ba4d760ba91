// `holdfast net check`: probes the ways between nodes, every Service, every name and every Ingress, and says what is wrong. It changes nothing.
import type { Command } from 'commander';
import { formatRange } from '../../model/ipv4.ts';
import { dnsAddressOf, SERVICE_CIDR_NAME, serviceRangeOf } from '../../model/service-address.ts';
import { checkParts, checkResults, checkScript } from '../../network/check/check-script.ts';
import { type CheckResult, planChecks } from '../../network/check/plan-checks.ts';
import { NodeContainerError } from '../../network/node-container.ts';
import type { StoreReader } from '../../store/store.ts';
import { withDeadline } from '../../system/deadline.ts';
import { columns } from '../columns.ts';
import type { Finish } from '../endings.ts';
import { type Parts } from '../parts.ts';
import { addPlaceOptions, outputOption, placeOptions, type RawPlaceOptions } from '../source-options.ts';
import { UsageFault } from '../usage-fault.ts';
import { withStore } from '../with-store.ts';

/** For the probes that are made at the same time; each has its own limit. They wait for who changes the network just now. */
const CHECK_TIMEOUT_MS = 120_000;

interface RawCheck extends RawPlaceOptions {
  readonly output: 'text' | 'json';
}

export function registerNet(program: Command, parts: Parts, finish: Finish): void {
  const net = program
    .command('net')
    .description('look at the network of the cluster')
    .addHelpText('after', '\nExample:\n  holdfast net check');
  addPlaceOptions(net.command('check'))
    .description('probe nodes, Services, names and Ingresses from this node, and say what is wrong')
    .addOption(outputOption('text', 'json'))
    .addHelpText('after', '\nExample:\n  holdfast net check')
    .action(async (raw: RawCheck) => finish(await check(raw, parts)));
}

async function check(raw: RawCheck, parts: Parts): Promise<number> {
  const place = placeOptions(raw, parts);
  const { clock, interrupted } = parts;
  const { checks, node, dnsAddress } = await withStore(parts, place, async (store: StoreReader) => {
    const [first] = store.list('Node');
    return {
      checks: planChecks(store),
      node: first?.metadata.name ?? '',
      dnsAddress: dnsAddressOf(formatRange(serviceRangeOf(store.get('ServiceCIDR', '', SERVICE_CIDR_NAME)))),
    };
  });
  const container = await parts.openNodeContainer(place);
  try {
    const results: CheckResult[] = [];
    for (const part of checkParts(checks)) {
      const probe = (signal: AbortSignal): ReturnType<typeof container.run> =>
        container.run(checkScript(part, dnsAddress), signal);
      const { output } = await withDeadline(clock, 'probing the network', CHECK_TIMEOUT_MS, probe, interrupted);
      results.push(...checkResults(part, output));
    }
    parts.stdout.write(
      raw.output === 'json' ? `${JSON.stringify(toJson(node, results), undefined, 2)}\n` : toText(node, results),
    );
    return results.every(({ isRight }) => isRight) ? 0 : 1;
  } catch (error) {
    if (!(error instanceof NodeContainerError)) throw error;
    throw new UsageFault(`the network of this node cannot be looked at: ${error.message}`, { cause: error });
  } finally {
    container.close();
  }
}

function toText(node: string, results: readonly CheckResult[]): string {
  if (results.length === 0)
    return 'There is nothing to check yet: no pod is ready, and there are no Services and no Ingresses.\n';
  const isProbed = ({ check: { probe } }: CheckResult): boolean => probe.type !== 'none';
  const wordOf = (result: CheckResult): string => (isProbed(result) ? (result.isRight ? 'ok' : 'FAILED') : '-');
  const rows = results.map((result) => [result.check.what, wordOf(result), result.message]);
  const probed = results.filter(isProbed);
  const wrong = probed.filter(({ isRight }) => !isRight).length;
  const sum = wrong === 0 ? `All ${probed.length} checks are right.` : `${wrong} of ${probed.length} checks failed.`;
  const left = results.length - probed.length;
  const rest = left === 0 ? '' : ` ${left} ${left === 1 ? 'line was' : 'lines were'} not probed.`;
  return `${[...columns(['CHECK', `FROM ${node}`, 'REMARK'], rows), '', `${sum}${rest}`].join('\n')}\n`;
}

function toJson(node: string, results: readonly CheckResult[]): object {
  return {
    node,
    checks: results.map(({ check: { what, probe }, isRight, message }) => ({ what, probe, isRight, message })),
  };
}
