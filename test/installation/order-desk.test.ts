// Orders on a real file system: whole, durable, heard once, and never trusted to be well-formed.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { giveOrder, type OpenDesk, openOrderDesk } from '../../src/installation/order-desk.ts';
import type { SuspendOrder } from '../../src/sync/gates/orders.ts';
import { temporaryFolder } from '../support/git-repo.ts';

const suspend: SuspendOrder = { who: 'ada', reason: 'x', since: '2026-01-01T00:00:00Z', until: '2026-01-01T01:00:00Z' };
const retry = { who: 'ada', at: '2026-01-01T00:00:00.123Z' };

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let errors: unknown[];
const desks: OpenDesk[] = [];
const open = (): OpenDesk => {
  const desk = openOrderDesk(folder.dir, { error: (fields: unknown) => void errors.push(fields) });
  desks.push(desk);
  return desk;
};

beforeEach(async () => {
  folder = await temporaryFolder('holdfast-orders-');
  errors = [];
});
afterEach(async () => {
  for (const desk of desks.splice(0)) desk.close();
  await folder.remove();
});

describe('orders in a data folder', () => {
  test('nobody has said anything', () => {
    expect(open().of('shop')).toEqual({});
  });

  test('are there for a controller that starts later, each for its application', () => {
    giveOrder(folder.dir, 'shop', { say: 'suspend', suspend });
    giveOrder(folder.dir, 'shop', { say: 'retry', retry });
    const desk = open();
    expect(desk.of('shop')).toEqual({ suspend, retry });
    expect(desk.of('other')).toEqual({});
  });

  test('reach one that runs', async () => {
    const desk = open();
    const changed = new Promise<void>((resolve) => void desk.onChange(resolve));
    giveOrder(folder.dir, 'shop', { say: 'suspend', suspend });
    await changed;
    expect(desk.of('shop')).toEqual({ suspend });
  });

  test('wishes to have something back are heard once each, in their order', () => {
    const late = { who: 'ada', at: '2026-01-01T00:00:02.000Z', objects: ['Deployment/default/web', 'Namespace//shop'] };
    const soon = { who: 'ben', at: '2026-01-01T00:00:01.000Z', objects: ['Pod/shop/api'] };
    giveOrder(folder.dir, 'shop', { say: 'undelete', undelete: late });
    giveOrder(folder.dir, 'shop', { say: 'undelete', undelete: soon });
    giveOrder(folder.dir, 'shop', { say: 'retry', retry });
    const desk = open();
    expect(desk.of('shop')).toEqual({ retry, undelete: [soon, late] });
    desk.heard('shop', soon);
    expect(desk.of('shop')).toEqual({ retry, undelete: [late] });
    desk.heard('shop', late);
    expect(open().of('shop')).toEqual({ retry });
  });

  test.each([[{ objects: 'web' }], [{ objects: ['web'] }], [{}]])('a wish without objects (%j) is not followed', (more) => {
    mkdirSync(join(folder.dir, 'orders'));
    const file = join(folder.dir, 'orders', 'shop.undelete-0a.json');
    writeFileSync(file, JSON.stringify({ who: 'ada', at: '2026-01-01T00:00:00.000Z', ...more }));
    expect(open().of('shop')).toEqual({});
    expect(errors).toHaveLength(1);
  });

  test('the end of a suspension takes its place', () => {
    giveOrder(folder.dir, 'shop', { say: 'suspend', suspend });
    giveOrder(folder.dir, 'shop', { say: 'resume', who: 'ben' });
    expect(open().of('shop')).toEqual({ resumedBy: 'ben' });
  });

  test('a wish to try again is heard once, the suspension stays', () => {
    giveOrder(folder.dir, 'shop', { say: 'suspend', suspend });
    giveOrder(folder.dir, 'shop', { say: 'retry', retry });
    const desk = open();
    desk.heard('shop', retry);
    expect(desk.of('shop')).toEqual({ suspend });
    expect(open().of('shop')).toEqual({ suspend });
  });

  test.each(['', '{', '[]', 'null', '{"who":"ada"}', '{"who":"ada","reason":"x","since":"soon"}'])(
    '%j is told and not followed',
    (text) => {
      mkdirSync(join(folder.dir, 'orders'));
      writeFileSync(join(folder.dir, 'orders', 'shop.suspend.json'), text);
      giveOrder(folder.dir, 'other', { say: 'suspend', suspend });
      const desk = open();
      expect(desk.of('shop')).toEqual({});
      expect(desk.of('other')).toEqual({ suspend });
      expect(errors).toHaveLength(1);
    },
  );

  test('a folder that cannot be written is told', () => {
    writeFileSync(join(folder.dir, 'file'), '');
    expect(() => giveOrder(join(folder.dir, 'file'), 'shop', { say: 'suspend', suspend })).toThrow(
      /the order cannot be written: .*Run it as the user/,
    );
  });
});
