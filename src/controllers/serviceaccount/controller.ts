// Gives every namespace its account "default" (Kubernetes, "Configure Service Accounts for Pods"). What accounts do to pods is for admission.
import { DEFAULT_ACCOUNT } from '../../model/admission/admit-pod.ts';
import { isEnding } from '../../model/deletion.ts';
import type { Controller } from '../../runtime/controller.ts';

/** Whether the namespace has its account. */
interface AccountObserved {
  readonly hasAccount: boolean;
}

export const serviceAccountController: Controller<'Namespace', AccountObserved> = {
  name: 'serviceaccount-controller',
  kind: 'Namespace',
  wakes(changed) {
    if (changed.kind !== 'ServiceAccount' || changed.metadata.name !== DEFAULT_ACCOUNT) return [];
    return [{ kind: 'Namespace', namespace: '', name: changed.metadata.namespace ?? 'default' }];
  },
  observe: (store, { metadata }) => ({ hasAccount: store.get('ServiceAccount', metadata.name, DEFAULT_ACCOUNT) !== undefined }),
  plan(namespace, { hasAccount }) {
    if (hasAccount || isEnding(namespace)) return { actions: [] };
    const metadata = { name: DEFAULT_ACCOUNT, namespace: namespace.metadata.name };
    const message = `Created service account: ${DEFAULT_ACCOUNT}`;
    return {
      actions: [
        {
          type: 'create',
          resource: { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
          reason: 'SuccessfulCreate',
          message,
          isQuiet: true,
        },
      ],
    };
  },
};
