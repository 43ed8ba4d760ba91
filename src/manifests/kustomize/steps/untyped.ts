// Fields that a replacement has made: kustomize keeps no type for them, so that 8080 is a number when everything is done, unless another text
// has come to the field until then.

interface Made {
  readonly value: unknown;
  readonly text: string;
}

/** The fields without a type of the objects of a build. A field that somebody else has changed is none of them any more. */
export class UntypedScalars {
  readonly #made = new WeakMap<object, Map<string | number, Made>>();

  /** A field was made, or its text has changed. */
  add({ holder, key }: { readonly holder: object; readonly key: string | number }, text: string): void {
    const made = this.#made.get(holder) ?? new Map<string | number, Made>();
    this.#made.set(holder, made.set(key, { value: Reflect.get(holder, key), text }));
  }

  /** The text of a field without a type; undefined for any other. */
  textOf(holder: object, key: string | number): string | undefined {
    const made = this.#made.get(holder)?.get(key);
    return made !== undefined && made.value === Reflect.get(holder, key) ? made.text : undefined;
  }
}
