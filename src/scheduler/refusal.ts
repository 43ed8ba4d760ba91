/** Why a node is out of the question. */
export interface Refusal {
  /** In the words of Kubernetes; several only where several resources are short. */
  readonly reasons: readonly string[];
  /** Taking pods off the node would not help. */
  readonly isFinal: boolean;
}
