// What is told of hooks that failed. Kubernetes, "Container Lifecycle Hooks". Pure.
import type { PodView } from './pod-view.ts';
import type { HookKind } from './remembered.ts';
import type { KeyedNote } from './steps.ts';

const NAMES: { readonly [K in HookKind]: string } = { postStart: 'PostStartHook', preStop: 'PreStopHook' };

/** One event for each hook that failed. */
export function hookNotes({ seen, environment }: PodView): readonly KeyedNote[] {
  return seen.flatMap(({ id }) =>
    (['postStart', 'preStop'] as const).flatMap((kind): KeyedNote[] => {
      const hook = environment.hooks.get(id)?.[kind];
      if (hook?.state !== 'failed') return [];
      const name = NAMES[kind];
      return [
        { key: `hook/${id}/${kind}`, reason: `Failed${name}`, message: `${name} failed: ${hook.message}`, severity: 'Warning' },
      ];
    }),
  );
}
