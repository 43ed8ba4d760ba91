// The list in a terminal, and the feed that keeps it true.
import { describe, expect, test } from 'vitest';
import { colorsFor } from '../../src/cli/colour.ts';
import type { ProgressLine } from '../../src/cli/progress.ts';
import { followProgress, liveView, type ProgressView, plainView } from '../../src/cli/progress-view.ts';
import { RevisionCompacted, type Store } from '../../src/store/store.ts';
import { anApplication, anAttempt } from '../support/applications.ts';
import { fakeParts, put } from '../support/fake-parts.ts';

const colors = colorsFor({ isTTY: false }, {});
const line = (mark: ProgressLine['mark'], text: string, id = text): ProgressLine => ({ id, mark, text });

describe('in a terminal', () => {
  function live(width = 80): { readonly view: ProgressView; readonly take: () => string } {
    let written = '';
    return {
      view: liveView(
        (text) => void (written += text),
        () => width,
        colors,
      ),
      take: () => {
        const taken = written;
        written = '';
        return taken;
      },
    };
  }

  test('the list is drawn over the earlier one', () => {
    const { view, take } = live();
    view.show([line('done', 'fetched'), line('busy', 'planning')]);
    expect(take()).toBe('✔ fetched\n… planning\n');
    view.show([line('done', 'fetched')]);
    expect(take()).toBe('\u001b[2A\u001b[0J✔ fetched\n');
  });

  test('an equal list writes nothing', () => {
    const { view, take } = live();
    view.show([line('busy', 'planning')]);
    take();
    view.show([line('busy', 'planning')]);
    expect(take()).toBe('');
  });

  test('news go above the list, once, and stay', () => {
    const { view, take } = live();
    view.show([line('busy', 'planning')]);
    take();
    view.show([line('bad-news', 'rolled back'), line('done', 'live')]);
    expect(take()).toBe('\u001b[1A\u001b[0J✖ rolled back\n✔ live\n');
    view.show([line('bad-news', 'rolled back'), line('done', 'live, healthy')]);
    expect(take()).toBe('\u001b[1A\u001b[0J✔ live, healthy\n');
  });

  test('no line is wider than the terminal, and the list never fills it', () => {
    const { view, take } = live(30);
    view.show([
      line('busy', 'waiting for deployment/web in shop: 1 of 3 ready'),
      ...Array.from({ length: 20 }, (_value, index) => line('busy', `item ${index}`)),
    ]);
    const lines = take().trimEnd().split('\n');
    expect([lines[0], lines.length, lines.at(-1)]).toEqual(['… waiting for deployment/web…', 17, '  and 5 more']);
  });
});

describe('in a pipe', () => {
  test('a subject is told again when its text changes, or when it comes back', () => {
    let written = '';
    const view = plainView((text) => void (written += text));
    for (const lines of [
      [line('busy', 'a', '1')],
      [line('busy', 'a', '1')],
      [line('busy', 'b', '1')],
      [],
      [line('busy', 'b', '1')],
    ])
      view.show(lines);
    expect(written).toBe('a\nb\nb\n');
  });
});

describe('the feed', () => {
  const recorder = (): { readonly shown: string[][]; readonly view: ProgressView } => {
    const shown: string[][] = [];
    return { shown, view: { show: (lines) => void shown.push(lines.map(({ text }) => text)), end() {} } };
  };

  test('many changes in a moment are one picture, and the last picture is true', async () => {
    const parts = fakeParts();
    const { shown, view } = recorder();
    const done = new AbortController();
    const following = followProgress('shop', parts.store, view, parts, done.signal);
    await parts.clock.settle();
    for (let ready = 0; ready < 3; ready++)
      await put(
        parts.store,
        anApplication({ attempt: anAttempt('verifying', { waitingFor: [`deployment/web: ${ready} of 3 ready`] }) }),
      );
    await parts.clock.advance(1_000);
    expect(shown.map((lines) => lines.at(-1))).toEqual([undefined, 'waiting for deployment/web: 2 of 3 ready, until 12:00:05']);
    await put(parts.store, anApplication({ attempt: anAttempt('pruning') }));
    done.abort();
    await following;
    expect([shown.at(-1)?.at(-1), parts.clock.pendingTimers]).toEqual(['deleting what the commit no longer has', 0]);
  });

  test('goes on after falling behind', async () => {
    const parts = fakeParts();
    let isFirst = true;
    const store: Store = new Proxy(parts.store, {
      get(target, property) {
        if (property === 'watch' && isFirst) {
          isFirst = false;
          return () => {
            throw new RevisionCompacted(1, 2);
          };
        }
        const value: unknown = Reflect.get(target, property, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    const { shown, view } = recorder();
    const done = new AbortController();
    const following = followProgress('shop', store, view, parts, done.signal);
    await parts.clock.settle();
    await put(parts.store, anApplication({ attempt: anAttempt('fetched') }));
    await parts.clock.advance(1_000);
    expect(shown.at(-1)?.at(-1)).toBe('reading the manifests');
    done.abort();
    await following;
  });
});
