// The subset of JSON Schema that schemas/ is written in, with the words that Holdfast adds to it.

/** One schema. Reasons are sentences for people. */
export interface SchemaNode {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly const?: string;
  readonly enum?: readonly string[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly patternProperties?: Readonly<Record<string, SchemaNode>>;
  readonly additionalProperties?: boolean | SchemaNode;
  readonly required?: readonly string[];
  readonly items?: SchemaNode;
  readonly minItems?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  /** Kubernetes has this field and Holdfast does not: why. */
  readonly 'x-unsupported'?: string;
  /** Kubernetes has these values and Holdfast does not: why. `*` stands for all that the schema does not name. */
  readonly 'x-unsupported-values'?: Readonly<Record<string, string>>;
  /** The field is accepted without effect: why. It is dropped from the result. */
  readonly 'x-no-effect'?: string;
  /** The field changes nothing that runs, and is kept: why. */
  readonly 'x-note'?: string;
  /** Holdfast sets the field itself. */
  readonly 'x-managed'?: boolean;
  /** Values that mean to Kubernetes what the absence of the field means. */
  readonly 'x-same-as-absent'?: readonly (string | number | boolean | Readonly<Record<string, never>>)[];
  /** The kind is not for manifests: why. */
  readonly 'x-internal'?: string;
  readonly 'x-scope'?: 'Namespaced' | 'Cluster';
  /** The kind is read while a set is rendered, and is no object afterwards. */
  readonly 'x-input'?: boolean;
  readonly 'x-plural'?: string;
  readonly 'x-short-names'?: readonly string[];
  /** How a strategic merge treats the list (Kubernetes, "Notes on the strategic merge patch"). */
  readonly 'x-kubernetes-patch-merge-key'?: string;
  readonly 'x-kubernetes-patch-strategy'?: string;
}
