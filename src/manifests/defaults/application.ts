// Defaults of an Application that another one declares.
import type { Application } from '../../model/resource.ts';

/** That of the option `--timeout`. */
const DEFAULT_TIMEOUT_SECONDS = 300;

/** What a declaration leaves open. Where it comes from is for whoever follows it to say. */
export function defaultApplication({ spec }: Application): void {
  spec.repo ??= '';
  spec.revision ??= '';
  spec.path = (spec.path ?? '')
    .split('/')
    .filter((part, index) => (part !== '' || index === 0) && part !== '.')
    .join('/');
  spec.timeoutSeconds ??= DEFAULT_TIMEOUT_SECONDS;
}
