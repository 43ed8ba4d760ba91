// What those ask who look whether the controller lives and works.
import { type SignalRoute, textAnswer } from './desk.ts';

/** `/healthz`: the process answers. `/readyz`: it also does its work; `unready` gives the reasons why not. */
export function healthRoutes(unready: () => readonly string[]): readonly SignalRoute[] {
  const methods = ['GET', 'HEAD'];
  return [
    { path: '/healthz', methods, open: () => textAnswer(200, 'ok') },
    {
      path: '/readyz',
      methods,
      open: () => {
        const reasons = unready();
        return reasons.length === 0 ? textAnswer(200, 'ok') : textAnswer(503, reasons.join('\n'));
      },
    },
  ];
}
