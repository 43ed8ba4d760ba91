// Values that only functions can look into, such as quantities and optional values: messages of a type of their own, so that no list or
// text can be taken for one.
import { type CelObjectType, type CelValue, objectType } from '@bufbuild/cel';
import { create, createFileRegistry, type DescMessage, type Message } from '@bufbuild/protobuf';
import { type ReflectMessage, reflect } from '@bufbuild/protobuf/reflect';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';

const names = ['Quantity', 'Optional'] as const;
const TYPE_STRING = 9;
const LABEL_OPTIONAL = 1;

const file = create(FileDescriptorProtoSchema, {
  name: 'holdfast/opaque.proto',
  package: 'opaque',
  syntax: 'proto3',
  messageType: names.map((name) => ({
    name,
    // Two are equal when their texts are.
    field: [{ name: 'text', number: 1, type: TYPE_STRING, label: LABEL_OPTIONAL }],
  })),
});

/** The registry that an environment with opaque values needs. */
export const opaqueRegistry = createFileRegistry(file, () => undefined);

/** One sort of them. */
export class Opaque<T> {
  readonly type: CelObjectType;
  readonly #message: DescMessage;
  readonly #held = new WeakMap<Message, T>();

  constructor(name: (typeof names)[number]) {
    const message = opaqueRegistry.getMessage(`opaque.${name}`);
    if (message === undefined) throw new Error(`there is no type ${name}`);
    this.#message = message;
    this.type = objectType(message);
  }

  /** Wraps a value; what has equal texts is equal. */
  wrap(value: T, text: string): ReflectMessage {
    const message = create(this.#message, { text });
    this.#held.set(message, value);
    return reflect(this.#message, message);
  }

  /** What was wrapped, or undefined for anything else. */
  unwrap(value: CelValue | undefined): T | undefined {
    return typeof value === 'object' && value !== null && 'message' in value ? this.#held.get(value.message) : undefined;
  }
}
