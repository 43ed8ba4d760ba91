// The data types of SSH (RFC 4251, section 5), read strictly: what is cut short or too long throws.

/** Something that is not what it should be. */
export class WireFault extends Error {
  readonly code = 'WIRE_FAULT';
  constructor(message: string) {
    super(message);
    this.name = 'WireFault';
  }
}

/** Reads values one after the other. */
export class WireReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  bytes(length: number): Buffer {
    if (this.#at + length > this.#bytes.length) throw new WireFault('it is cut short');
    const found = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return found;
  }

  number(): number {
    return this.bytes(4).readUInt32BE();
  }

  string(): Buffer {
    return this.bytes(this.number());
  }

  text(): string {
    return this.string().toString('latin1');
  }

  /** A number that is not negative, without its sign byte. */
  positive(): Buffer {
    const found = this.string();
    if ((found[0] ?? 0) & 0x80) throw new WireFault('a number is negative');
    if (found[0] === 0 && !((found[1] ?? 0) & 0x80)) throw new WireFault('a number has leading zeros');
    return found[0] === 0 ? found.subarray(1) : found;
  }

  end(): void {
    if (this.#at !== this.#bytes.length) throw new WireFault('there is more than there should be');
  }
}

/** A string as the wire has it. */
export function wireString(bytes: Uint8Array | string): Buffer {
  const body = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : Buffer.from(bytes);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  return Buffer.concat([length, body]);
}

/** Base64 in the one way to write it; undefined for any other. */
export function strictBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.length > 0 && bytes.toString('base64') === text ? bytes : undefined;
}
