// `holdfast net check`: probes the ways between nodes, every Service, every name and every Ingress, and says what is wrong. It changes nothing.
import type { Command } from 'commander';
import { dnsAddressOf, SERVICE_CIDR_NAME, serviceRangeOf } from '../../model/service-address.ts';
import { checkResults, checkScript } from '../../network/check/check-script.ts';
import { type CheckResult, planChecks } from '../../network/check/plan-checks.ts';
import { NodeContainerError } from '../../network/node-container.ts';
import type { StoreReader } from '../../store/store.ts';
import { withDeadline } from '../../system/deadline.ts';
import { columns } from '../columns.ts';
import type { Finish } from '../endings.ts';
import { type Parts, UsageFault } from '../parts.ts';
import { addPlaceOptions, outputOption, placeOptions, type RawPlaceOptions } from '../source-options.ts';
import { withStore } from '../with-store.ts';

/** All probes of a node run some at a time; each has its own limit. */
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
      dnsAddress: dnsAddressOf(serviceRangeOf(store.get('ServiceCIDR', '', SERVICE_CIDR_NAME))),
    };
  });
  const container = await parts.openNodeContainer(place);
  try {
    const probe = (signal: AbortSignal): ReturnType<typeof container.run> =>
      container.run(checkScript(checks, dnsAddress), signal);
    const { output } = await withDeadline(clock, 'probing the network', CHECK_TIMEOUT_MS, probe, interrupted);
    const results = checkResults(checks, output);
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
  const rows = results.map(({ check: { what }, isRight, message }) => [what, isRight ? 'ok' : 'FAILED', message]);
  const wrong = results.filter(({ isRight }) => !isRight).length;
  const sum = wrong === 0 ? `All ${results.length} checks are right.` : `${wrong} of ${results.length} checks failed.`;
  return `${[...columns(['CHECK', `FROM ${node}`, 'REMARK'], rows), '', sum].join('\n')}\n`;
}

function toJson(node: string, results: readonly CheckResult[]): object {
  return {
    node,
    checks: results.map(({ check: { what, probe }, isRight, message }) => ({ what, probe, isRight, message })),
  };
}
