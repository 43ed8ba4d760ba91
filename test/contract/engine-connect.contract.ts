// Connections from inside pods, as every ContainerEngine makes them.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  ConnectFailure,
  type ContainerEngine,
  type ContainerSpec,
  EngineError,
  type PodStream,
} from '../../src/kubelet/engine/container-engine.ts';
import { CLUSTER_LABEL, ROLE_LABEL } from '../../src/kubelet/labels.ts';
import { plainContainer } from '../support/plain-container.ts';
import { ensureSandboxImage } from '../support/sandbox-on-engine.ts';
import { ECHO_PORT, type EngineHarness } from './engine.contract.ts';

const never = (): AbortSignal => new AbortController().signal;

/** How a call failed: the fault of the engine, or what the system says of the connection. */
async function failureOf(call: Promise<PodStream>): Promise<string> {
  try {
    (await call).close();
    return 'success';
  } catch (error) {
    if (error instanceof EngineError) return error.fault;
    if (error instanceof ConnectFailure) return error.code;
    throw error;
  }
}

/** Declares the suite for one implementation. */
export function engineConnectContract(name: string, open: () => Promise<EngineHarness>): void {
  describe(`ContainerEngine, connections: ${name}`, () => {
    let harness: EngineHarness;
    let engine: ContainerEngine;
    let sandbox: string;
    let ip: string;
    let specOf: (overrides: Partial<ContainerSpec>) => ContainerSpec;

    beforeAll(async () => {
      harness = await open();
      engine = harness.engine;
      const labels = { [CLUSTER_LABEL]: harness.cluster };
      const network = `${harness.cluster}-net`;
      const { reference } = await ensureSandboxImage(engine);
      await engine.ensureNetwork({ name: network, labels }, never());
      let made = 0;
      specOf = (overrides) => ({
        name: `${harness.cluster}-${(made += 1)}`,
        image: reference,
        labels: { ...labels, [ROLE_LABEL]: 'sandbox' },
        ...plainContainer,
        network: { type: 'network', name: network },
        ...overrides,
      });
      sandbox = await engine.create(specOf({}), never());
      await engine.start(sandbox, never());
      ip = (await engine.inspect(sandbox, never()))?.ip ?? '';
      const echoes = specOf({ ...harness.program('echoes'), network: { type: 'sandbox', containerId: sandbox } });
      await engine.start(await engine.create(echoes, never()), never());
      harness.echoesAt(ip);
      const target = { address: ip, port: ECHO_PORT };
      await harness.until(async () => (await failureOf(engine.connect(sandbox, target, never()))) === 'success');
    });
    afterAll(async () => {
      await harness.close();
    });

    test('carries bytes both ways, whole and in order, however many', async () => {
      let begun = 0;
      const target = { address: ip, port: ECHO_PORT, onBegin: () => void (begun += 1) };
      const stream = await engine.connect(sandbox, target, never());
      expect(begun).toBe(1);
      const sent = Uint8Array.from({ length: 300_000 }, (_, at) => (at * 31) % 251);
      const sending = stream.send(sent);
      const pieces: Uint8Array[] = [];
      let length = 0;
      for await (const piece of stream.incoming) {
        pieces.push(piece);
        length += piece.length;
        if (length >= sent.length) break;
      }
      await sending;
      expect(Buffer.concat(pieces).equals(sent)).toBe(true);
      stream.close();
      stream.close();
    });

    test('nobody listens: says so', async () => {
      expect(await failureOf(engine.connect(sandbox, { address: ip, port: 9 }, never()))).toBe('ECONNREFUSED');
    });

    test('only to addresses, only from containers that run and are ours', async () => {
      expect(await failureOf(engine.connect(sandbox, { address: 'localhost', port: ECHO_PORT }, never()))).toBe('Invalid');
      expect(await failureOf(engine.connect('f'.repeat(64), { address: ip, port: ECHO_PORT }, never()))).toBe('NotFound');
      const idle = await engine.create(specOf({}), never());
      expect(await failureOf(engine.connect(idle, { address: ip, port: ECHO_PORT }, never()))).toBe('Conflict');
    });

    test('ends with its signal, before it stands and after', async () => {
      const aborter = new AbortController();
      const stream = await engine.connect(sandbox, { address: ip, port: ECHO_PORT }, aborter.signal);
      const read = (async () => {
        for await (const _ of stream.incoming);
      })();
      aborter.abort(new Error('enough'));
      await expect(read).rejects.toThrow(EngineError);
      expect(await failureOf(engine.connect(sandbox, { address: ip, port: ECHO_PORT }, aborter.signal))).toBe('Unreachable');
    });
  });
}
