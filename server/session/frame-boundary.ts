// Where WebSocket frames end in a spliced stream: headers are looked at, payloads are not.

const maxHeaderBytes = 14;

/**
 * Follows one direction of a WebSocket (RFC 6455, section 5.2). A relay that copies bytes can say something of its own only between two
 * frames; this tells where that is.
 */
export class FrameBoundary {
  #header = Buffer.alloc(maxHeaderBytes);
  #headerLength = 0;
  #payloadLeft = 0;

  /** Whether a frame of our own may be written now. */
  get isBetweenFrames(): boolean {
    return this.#headerLength === 0 && this.#payloadLeft === 0;
  }

  /** Takes the next bytes of the stream. Returns the index behind the last frame that ends in them; 0 if none does. */
  push(chunk: Uint8Array): number {
    let lastEnd = 0;
    for (let index = 0; index < chunk.length;) {
      if (this.#payloadLeft > 0) {
        const taken = Math.min(this.#payloadLeft, chunk.length - index);
        this.#payloadLeft -= taken;
        index += taken;
      } else {
        this.#header[this.#headerLength++] = chunk[index++] as number;
        this.#readHeader();
      }
      if (this.isBetweenFrames) lastEnd = index;
    }
    return lastEnd;
  }

  #readHeader(): void {
    if (this.#headerLength < 2) return;
    const second = this.#header[1] as number;
    const short = second & 0x7f;
    const lengthBytes = short === 127 ? 8 : short === 126 ? 2 : 0;
    const maskBytes = second & 0x80 ? 4 : 0;
    if (this.#headerLength < 2 + lengthBytes + maskBytes) return;
    if (lengthBytes === 8) this.#payloadLeft = Number(this.#header.readBigUInt64BE(2));
    else this.#payloadLeft = lengthBytes === 2 ? this.#header.readUInt16BE(2) : short;
    this.#headerLength = 0;
  }
}

/** A Close frame as a server sends it. `sentence` is cut to the 123 bytes that fit. */
export function renderCloseFrame(code: number, sentence: string): Buffer {
  let reason = Buffer.from(sentence);
  // Cutting must not leave half a character.
  if (reason.length > 123) reason = Buffer.from(reason.subarray(0, 123).toString().replace(/�+$/, ''));
  const frame = Buffer.alloc(4 + reason.length);
  frame.writeUInt8(0x88, 0);
  frame.writeUInt8(2 + reason.length, 1);
  frame.writeUInt16BE(code, 2);
  reason.copy(frame, 4);
  return frame;
}
