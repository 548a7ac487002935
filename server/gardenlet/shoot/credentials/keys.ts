// The secret values of a shoot: SSH key pair and observability password. Keys are made off the main thread.
import { createHash, generateKeyPair, randomInt, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';

const generate = promisify(generateKeyPair);
const alphabet = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

/** RFC 4251: a length in four bytes, then the bytes. */
function sshString(value: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(value.length);
  return Buffer.concat([length, value]);
}

/** RFC 4251: an mpint that is positive has its first bit clear. */
function sshInteger(base64url: string | undefined): Buffer {
  const value = Buffer.from(base64url ?? '', 'base64url');
  return sshString((value[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.from([0]), value]) : value);
}

/** RFC 4253, 6.6: the line of authorized_keys. */
export function toAuthorizedKey(publicKey: KeyObject): string {
  const { e, n } = publicKey.export({ format: 'jwk' });
  const blob = Buffer.concat([sshString(Buffer.from('ssh-rsa')), sshInteger(e), sshInteger(n)]);
  return `ssh-rsa ${blob.toString('base64')}\n`;
}

/** Data of `<shoot>.ssh-keypair`: a PKCS#1 PEM and a line of authorized_keys. */
export async function createSshKeypair(): Promise<{ id_rsa: string; 'id_rsa.pub': string }> {
  const { privateKey, publicKey } = await generate('rsa', { modulusLength: 2048 });
  return {
    id_rsa: privateKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
    'id_rsa.pub': toAuthorizedKey(publicKey),
  };
}

/** Data of `<shoot>.monitoring`: `auth` is a line of an htpasswd file. */
export function createBasicAuth(): { username: string; password: string; auth: string } {
  const password = Array.from({ length: 32 }, () => alphabet[randomInt(alphabet.length)]).join('');
  const hash = createHash('sha1').update(password).digest('base64');
  return { username: 'admin', password, auth: `admin:{SHA}${hash}` };
}
