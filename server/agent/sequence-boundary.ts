// Follows terminal output byte by byte, as far as needed to know whether it stands inside a character or an escape sequence.

const enum State {
  ground,
  /** Behind ESC. */
  escape,
  /** Behind ESC and an intermediate byte, such as in ESC ( 0. */
  escapeIntermediate,
  controlSequence,
  /** OSC, DCS, APC, PM, SOS: until ST, or BEL. */
  controlString,
  /** Behind ESC in a control string. */
  controlStringEscape,
  character,
}

export interface SequenceBoundary {
  /** How many of the last bytes belong to a character or an escape sequence that is not complete yet. */
  readonly pendingBytes: number;
  push(bytes: Uint8Array): void;
}

const escape = 0x1b;
// What follows ESC and opens a control string: P, X, ], ^, _.
const stringOpeners = new Set([0x50, 0x58, 0x5d, 0x5e, 0x5f]);

/** Bytes that follow a first byte of UTF-8. */
const continuationBytes = (first: number): number =>
  first >= 0xf8 ? 0 : first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : first >= 0xc0 ? 1 : 0;

// Models the parser of https://vt100.net/emu/dec_ansi_parser, without what does not change where a sequence ends.
export function createSequenceBoundary(): SequenceBoundary {
  let state = State.ground;
  let pendingBytes = 0;
  let missing = 0;

  const begin = (next: State) => {
    state = next;
    pendingBytes = 1;
  };
  const end = () => {
    state = State.ground;
    pendingBytes = 0;
  };
  const ground = (byte: number) => {
    if (byte === escape) return begin(State.escape);
    missing = byte < 0xc0 ? 0 : continuationBytes(byte);
    if (missing) begin(State.character);
    else end();
  };
  const afterEscape = (byte: number) => {
    if (byte === 0x5b) state = State.controlSequence;
    else if (stringOpeners.has(byte)) state = State.controlString;
    else if (byte >= 0x20 && byte < 0x30) state = State.escapeIntermediate;
    else if (byte >= 0x30) end();
  };
  const step = (byte: number) => {
    // CAN and SUB break off, ESC begins anew; in a string, ESC may be the first half of its end.
    if (state !== State.character && (byte === 0x18 || byte === 0x1a)) return end();
    if (byte === escape && state !== State.controlString) return begin(State.escape);
    pendingBytes++;
    switch (state) {
      case State.escape:
        return afterEscape(byte);
      case State.escapeIntermediate:
        return byte >= 0x30 ? end() : undefined;
      case State.controlSequence:
        return byte >= 0x40 ? end() : undefined;
      case State.controlString:
        if (byte === 0x07) end();
        else if (byte === escape) state = State.controlStringEscape;
        return;
      case State.controlStringEscape:
        if (byte === 0x5c) return end();
        // The string is broken off by a new sequence, whose ESC came before.
        state = State.escape;
        pendingBytes = 2;
        return afterEscape(byte);
      case State.character:
        if ((byte & 0xc0) !== 0x80) return ground(byte);
        if (--missing === 0) end();
        return;
      case State.ground:
        return ground(byte);
    }
  };

  return {
    get pendingBytes() {
      return pendingBytes;
    },
    push(bytes) {
      for (let index = 0; index < bytes.length; index++) {
        const byte = bytes[index] as number;
        // Nearly all of what is printed.
        if (state === State.ground && byte < 0x80 && byte !== escape) continue;
        step(byte);
      }
    },
  };
}
