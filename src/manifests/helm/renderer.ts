// Rendering of Helm charts by the user's own `helm`. Declared here, implemented by the helm room.
import type { TreeFile } from '../file-tree.ts';

/** One `helm template`. */
export interface HelmRequest {
  /** A chart that is committed: its files, with paths relative to the chart's folder. Or one that is fetched. */
  readonly chart:
    | { readonly type: 'local'; readonly files: readonly TreeFile[] }
    | { readonly type: 'repository'; readonly repository: string; readonly name: string; readonly version: string };
  readonly releaseName: string;
  readonly namespace: string;
  /** YAML texts, the later ones win. */
  readonly values: readonly string[];
  readonly includeCrds: boolean;
  readonly kubeVersion?: string;
  readonly apiVersions?: readonly string[];
  readonly skipHooks?: boolean;
  readonly skipTests?: boolean;
}

/** What came of it. A fault is the user's to mend, in one line; `isMissing` when there is no helm program. */
export type HelmResult = { readonly text: string } | { readonly fault: string; readonly isMissing?: boolean };

/** Runs `helm template`. Never hangs: it has a deadline of its own. Its result depends on the request alone. */
export type HelmRenderer = (request: HelmRequest) => Promise<HelmResult>;
