// JSON as Go's decoder reads it: the first fault in its words, and the fields that are there twice, which JSON.parse does not tell.
// Models encoding/json/scanner.go and sigs.k8s.io/json

export interface JsonScan {
  fault: string | undefined;
  /** Paths in order: `metadata.name`, `spec.items[0].a`. */
  duplicates: string[];
}

class Fault extends Error {}

const maxDepth = 1_000;
const whitespace = new Set([' ', '\t', '\r', '\n']);
const escapes = new Set(['b', 'f', 'n', 'r', 't', '\\', '/', '"']);

const quoteCharacter = (character: string): string => {
  if (character === "'") return `'\\''`;
  if (character === '"') return `'"'`;
  const code = character.codePointAt(0) ?? 0;
  if (code >= 0x20 && code !== 0x7f) return `'${character}'`;
  const short = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }[character];
  return `'${short ?? `\\x${code.toString(16).padStart(2, '0')}`}'`;
};

class Scanner {
  readonly duplicates: string[] = [];
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): void {
    this.#value('', 0);
    if (this.#peek() !== undefined) throw this.#unexpected('after top-level value');
  }

  #peek(): string | undefined {
    while (whitespace.has(this.#text[this.#at] ?? '')) this.#at++;
    return this.#text[this.#at];
  }

  #unexpected(where: string): Fault {
    const code = this.#text.codePointAt(this.#at);
    if (code === undefined) return new Fault('unexpected end of JSON input');
    return new Fault(`invalid character ${quoteCharacter(String.fromCodePoint(code))} ${where}`);
  }

  #value(path: string, depth: number): void {
    if (depth > maxDepth) throw new Fault('exceeded max depth');
    const first = this.#peek();
    if (first === '{') this.#object(path, depth);
    else if (first === '[') this.#array(path, depth);
    else if (first === '"') this.#string();
    else if (first === 't') this.#literal('true');
    else if (first === 'f') this.#literal('false');
    else if (first === 'n') this.#literal('null');
    else if (first === '-' || /\d/.test(first ?? '')) this.#number();
    else throw this.#unexpected('looking for beginning of value');
  }

  #object(path: string, depth: number): void {
    const names = new Set<string>();
    this.#at++;
    if (this.#peek() === '}') return void this.#at++;
    for (;;) {
      if (this.#peek() !== '"') throw this.#unexpected('looking for beginning of object key string');
      const name = this.#string();
      const child = path ? `${path}.${name}` : name;
      if (names.has(name)) this.duplicates.push(child);
      names.add(name);
      if (this.#peek() !== ':') throw this.#unexpected('after object key');
      this.#at++;
      this.#value(child, depth + 1);
      const next = this.#peek();
      if (next !== ',' && next !== '}') throw this.#unexpected('after object key:value pair');
      this.#at++;
      if (next === '}') return;
    }
  }

  #array(path: string, depth: number): void {
    this.#at++;
    if (this.#peek() === ']') return void this.#at++;
    for (let i = 0; ; i++) {
      this.#value(`${path}[${i}]`, depth + 1);
      const next = this.#peek();
      if (next !== ',' && next !== ']') throw this.#unexpected('after array element');
      this.#at++;
      if (next === ']') return;
    }
  }

  #string(): string {
    const start = this.#at++;
    for (;;) {
      const character = this.#text[this.#at];
      if (character === undefined || character < ' ') throw this.#unexpected('in string literal');
      if (character === '\\') this.#escape();
      this.#at++;
      if (character === '"') return JSON.parse(this.#text.slice(start, this.#at)) as string;
    }
  }

  #escape(): void {
    const escape = this.#text[++this.#at];
    if (escape !== 'u') {
      if (!escapes.has(escape ?? '')) throw this.#unexpected('in string escape code');
      return;
    }
    for (let i = 0; i < 4; i++) {
      this.#at++;
      if (!/[\da-fA-F]/.test(this.#text[this.#at] ?? '')) throw this.#unexpected('in \\u hexadecimal character escape');
    }
  }

  #literal(word: string): void {
    for (const [i, character] of [...word].entries()) {
      if (this.#text[this.#at] !== character) {
        throw this.#unexpected(i ? `in literal ${word} (expecting '${character}')` : 'looking for beginning of value');
      }
      this.#at++;
    }
  }

  #number(): void {
    if (this.#text[this.#at] === '-') this.#at++;
    if (this.#text[this.#at] === '0') this.#at++;
    else this.#digits('in numeric literal');
    if (this.#text[this.#at] === '.') {
      this.#at++;
      this.#digits('after decimal point in numeric literal');
    }
    if (/[eE]/.test(this.#text[this.#at] ?? '')) {
      this.#at++;
      if (/[+-]/.test(this.#text[this.#at] ?? '')) this.#at++;
      this.#digits('in exponent of numeric literal');
    }
  }

  #digits(where: string): void {
    if (!/\d/.test(this.#text[this.#at] ?? '')) throw this.#unexpected(where);
    while (/\d/.test(this.#text[this.#at] ?? '')) this.#at++;
  }
}

export function scanJson(text: string): JsonScan {
  const scanner = new Scanner(text);
  try {
    scanner.document();
    return { fault: undefined, duplicates: scanner.duplicates };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { fault: error.message, duplicates: scanner.duplicates };
  }
}
