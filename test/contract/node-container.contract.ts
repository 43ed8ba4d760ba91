// What every NodeContainer does: the fake of the tests and the real one alike.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type NodeContainer, type NodeContainerSpec } from '../../src/network/node-container.ts';
import { faultOf } from '../support/fault-of.ts';

/** A network container under test, and what differs between them. */
export interface NodeContainerHarness {
  readonly container: NodeContainer;
  /** One that does nothing but run. */
  readonly spec: NodeContainerSpec;
  /** Puts a container of its name in its place that does not belong to the cluster; the result takes it away. */
  makeForeign(): Promise<() => Promise<void>>;
  /** Ends it so that it does not come back by itself. */
  stop(): Promise<void>;
  close(): Promise<void>;
}

const never = (): AbortSignal => new AbortController().signal;

/** Declares the suite for one implementation. */
export function nodeContainerContract(name: string, open: () => Promise<NodeContainerHarness>): void {
  describe(`NodeContainer: ${name}`, () => {
    let harness: NodeContainerHarness;
    let container: NodeContainer;
    beforeAll(async () => {
      harness = await open();
      ({ container } = harness);
    });
    beforeEach(async () => {
      await container.remove(never());
    });
    afterAll(async () => {
      await harness.close();
    });

    test('is made and started once', async () => {
      expect(await container.ensure(harness.spec, never())).toBe(true);
      expect(await container.ensure(harness.spec, never())).toBe(false);
    });

    test('is made anew when anything of it is another', async () => {
      await container.ensure(harness.spec, never());
      const other = { ...harness.spec, files: [...harness.spec.files, { path: '/other', mode: 0o644, content: 'x' }] };
      expect(await container.ensure(other, never())).toBe(true);
      expect(await container.ensure(other, never())).toBe(false);
      expect(await container.run('echo here', never())).toEqual({ exitCode: 0, output: 'here\n' });
    });

    test('is started when it was stopped', async () => {
      await container.ensure(harness.spec, never());
      await harness.stop();
      expect(await faultOf(container.run('echo x', never()))).toBe('NotRunning');
      expect(await container.ensure(harness.spec, never())).toBe(true);
      expect(await container.run('echo x', never())).toEqual({ exitCode: 0, output: 'x\n' });
    });

    test('scripts run one after the other, each with its own exit code and output', async () => {
      await container.ensure(harness.spec, never());
      const results = await Promise.all([1, 2, 3, 4].map((n) => container.run(`echo number ${n}; exit ${n}`, never())));
      expect(results).toEqual([1, 2, 3, 4].map((n) => ({ exitCode: n, output: `number ${n}\n` })));
      expect(await container.run('true', never())).toEqual({ exitCode: 0, output: '' });
    });

    test('a script that is given up fails, and so does one behind it that waits no longer; the next one runs', async () => {
      await container.ensure(harness.spec, never());
      const impatient = new AbortController();
      const long = container.run('sleep 1', impatient.signal);
      const waiting = container.run('echo waiting', impatient.signal);
      const failures = Promise.all([faultOf(long), faultOf(waiting)]);
      impatient.abort(new Error('no time'));
      expect(await failures).toEqual(['Unreachable', 'Unreachable']);
      expect(await container.run('echo next', never())).toEqual({ exitCode: 0, output: 'next\n' });
    });

    test('calls whose signal is aborted already fail', async () => {
      const over = AbortSignal.abort(new Error('over'));
      expect(await faultOf(container.ensure(harness.spec, over))).toBe('Unreachable');
      expect(await faultOf(container.run('echo x', over))).toBe('Unreachable');
      expect(await faultOf(container.remove(over))).toBe('Unreachable');
    });

    test('goes on after its session was closed', async () => {
      await container.ensure(harness.spec, never());
      await container.run('echo x', never());
      container.close();
      container.close();
      expect(await container.ensure(harness.spec, never())).toBe(false);
      expect(await container.run('echo y', never())).toEqual({ exitCode: 0, output: 'y\n' });
    });

    test('runs nothing when it is not there; removing it twice is harmless', async () => {
      expect(await faultOf(container.run('echo x', never()))).toBe('NotRunning');
      await container.ensure(harness.spec, never());
      await container.remove(never());
      await container.remove(never());
      expect(await faultOf(container.run('echo x', never()))).toBe('NotRunning');
    });

    test("somebody else's container of its name is left alone", async () => {
      const takeAway = await harness.makeForeign();
      expect(await faultOf(container.ensure(harness.spec, never()))).toBe('Failed');
      expect(await faultOf(container.remove(never()))).toBe('Failed');
      await takeAway();
      expect(await container.ensure(harness.spec, never())).toBe(true);
    });
  });
}
