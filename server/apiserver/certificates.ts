// Certificates: the authority of an API server, its serving certificate, and client certificates for its users.
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  randomBytes,
  sign,
  X509Certificate,
} from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { isIP } from 'node:net';
import { promisify } from 'node:util';
import * as der from './der.ts';
import type { UserInfo } from './types.ts';

export interface KeyPair {
  /** PEM. */
  certificate: string;
  /** PEM: PKCS#8 for elliptic curves, PKCS#1 for RSA. */
  key: string;
}

export interface Certificates {
  /** Signs the serving certificate and those of clients. */
  readonly ca: KeyPair;
  readonly serving: KeyPair;
  /** A client certificate: CN is the user's name, O the groups. */
  issueClient(user: Pick<UserInfo, 'name' | 'groups'>, validForMs?: number): Promise<KeyPair>;
}

export type KeyAlgorithm = 'ecdsa' | 'rsa';

export interface Subject {
  commonName: string;
  organizations?: readonly string[];
}

const yearMs = 365 * 24 * 60 * 60 * 1000;
// Clocks of client and server may differ a little.
const backdateMs = 5 * 60 * 1000;

const oids = {
  commonName: '2.5.4.3',
  organization: '2.5.4.10',
  subjectKeyId: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyId: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  rsaWithSha256: '1.2.840.113549.1.1.11',
};
type Usage = 'serverAuth' | 'clientAuth';

const generate = promisify(generateKeyPair);
const createKey = async (algorithm: KeyAlgorithm): Promise<KeyObject> =>
  algorithm === 'rsa'
    ? (await generate('rsa', { modulusLength: 2048 })).privateKey
    : (await generate('ec', { namedCurve: 'P-256' })).privateKey;

const exportKey = (key: KeyObject): string =>
  key.asymmetricKeyType === 'rsa'
    ? key.export({ type: 'pkcs1', format: 'pem' }).toString()
    : key.export({ type: 'pkcs8', format: 'pem' }).toString();

const toDn = ({ commonName, organizations = [] }: Subject): Buffer => {
  const attribute = (id: string, value: string) => der.set(der.sequence(der.oid(id), der.utf8(value)));
  return der.sequence(
    ...organizations.map((name) => attribute(oids.organization, name)),
    attribute(oids.commonName, commonName),
  );
};

const ipBytes = (ip: string): Buffer => {
  if (isIP(ip) === 4) return Buffer.from(ip.split('.').map(Number));
  const [head = '', tail] = ip.split('::');
  const words = (part: string) => (part ? part.split(':').map((word) => parseInt(word, 16)) : []);
  const left = words(head);
  const right = tail === undefined ? [] : words(tail);
  const all = [...left, ...new Array<number>(8 - left.length - right.length).fill(0), ...right];
  return Buffer.from(all.flatMap((word) => [word >> 8, word & 0xff]));
};

const extension = (id: string, isCritical: boolean, value: Buffer): Buffer =>
  der.sequence(der.oid(id), ...(isCritical ? [der.boolean(true)] : []), der.octets(value));

// RFC 5280, 4.2.1.2, method 1: SHA-1 of the bits of the public key; any stable digest will do.
const keyId = (spki: Buffer): Buffer => createHash('sha256').update(spki).digest().subarray(0, 20);

interface CertificateRequest {
  subject: Subject;
  publicKey: Buffer;
  issuer: { subject: Buffer; key: KeyObject; publicKey: Buffer };
  isAuthority: boolean;
  usages: readonly Usage[];
  hosts: readonly string[];
  notBeforeMs: number;
  notAfterMs: number;
}

function extensionsOf({ publicKey, issuer, isAuthority, usages, hosts }: CertificateRequest): Buffer[] {
  // Bits of KeyUsage: digitalSignature 0, keyEncipherment 2, keyCertSign 5.
  const keyUsage = isAuthority ? der.bits(Buffer.from([0xa4]), 2) : der.bits(Buffer.from([0xa0]), 5);
  const names = hosts.map((host) =>
    isIP(host) ? der.implicit(7, ipBytes(host)) : der.implicit(2, Buffer.from(host, 'ascii')),
  );
  return [
    extension(oids.keyUsage, true, keyUsage),
    ...(usages.length
      ? [extension(oids.extendedKeyUsage, false, der.sequence(...usages.map((u) => der.oid(oids[u]))))]
      : []),
    extension(oids.basicConstraints, true, der.sequence(...(isAuthority ? [der.boolean(true)] : []))),
    extension(oids.subjectKeyId, false, der.octets(keyId(publicKey))),
    extension(oids.authorityKeyId, false, der.sequence(der.implicit(0, keyId(issuer.publicKey)))),
    ...(names.length ? [extension(oids.subjectAltName, false, der.sequence(...names))] : []),
  ];
}

/** RFC 5280 version 3, signed with SHA-256; PEM. */
function signCertificate(request: CertificateRequest): string {
  const { issuer, subject, publicKey } = request;
  const algorithm =
    issuer.key.asymmetricKeyType === 'rsa'
      ? der.sequence(der.oid(oids.rsaWithSha256), der.nothing())
      : der.sequence(der.oid(oids.ecdsaWithSha256));
  const serial = randomBytes(16);
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  const body = der.sequence(
    der.explicit(0, der.integer(Buffer.from([2]))),
    der.integer(serial),
    algorithm,
    issuer.subject,
    der.sequence(der.time(request.notBeforeMs), der.time(request.notAfterMs)),
    toDn(subject),
    publicKey,
    der.explicit(3, der.sequence(...extensionsOf(request))),
  );
  const certificate = der.sequence(body, algorithm, der.bits(sign('sha256', body, issuer.key)));
  const lines = certificate.toString('base64').replace(/(.{64})(?=.)/g, '$1\n');
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}

const spkiOf = (key: KeyObject): Buffer => createPublicKey(key).export({ type: 'spki', format: 'der' });

/** A self-signed authority. `rsa` gives a PKCS#1 key, as Gardener wants it for `<shoot>.ca-client`. Valid for ten years unless told. */
export async function createAuthority(options: {
  commonName: string;
  algorithm?: KeyAlgorithm;
  nowMs: number;
  validForMs?: number;
}): Promise<KeyPair> {
  const key = await createKey(options.algorithm ?? 'ecdsa');
  const subject = { commonName: options.commonName };
  const publicKey = spkiOf(key);
  const certificate = signCertificate({
    subject,
    publicKey,
    issuer: { subject: toDn(subject), key, publicKey },
    isAuthority: true,
    usages: [],
    hosts: [],
    notBeforeMs: options.nowMs - backdateMs,
    notAfterMs: options.nowMs + (options.validForMs ?? 10 * yearMs),
  });
  return { certificate, key: exportKey(key) };
}

/** A leaf certificate signed by `ca`. The issuer's name is the common name of the CA's certificate. */
export async function issueCertificate(
  ca: KeyPair,
  options: {
    subject: Subject;
    usages: readonly Usage[];
    hosts?: readonly string[];
    algorithm?: KeyAlgorithm;
    nowMs: number;
    validForMs?: number;
  },
): Promise<KeyPair> {
  const key = await createKey(options.algorithm ?? 'ecdsa');
  const caKey = createPrivateKey(ca.key);
  const certificate = signCertificate({
    subject: options.subject,
    publicKey: spkiOf(key),
    issuer: { subject: subjectOf(ca.certificate), key: caKey, publicKey: spkiOf(caKey) },
    isAuthority: false,
    usages: options.usages,
    hosts: options.hosts ?? [],
    notBeforeMs: options.nowMs - backdateMs,
    notAfterMs: options.nowMs + (options.validForMs ?? yearMs),
  });
  return { certificate, key: exportKey(key) };
}

const subjectOf = (pem: string): Buffer => {
  const { commonName, organizations } = readSubject(new X509Certificate(pem));
  return toDn({ commonName, organizations });
};

/** CN and O of a certificate. */
export function readSubject(certificate: X509Certificate): { commonName: string; organizations: string[] } {
  const { CN, O } = certificate.toLegacyObject().subject as unknown as {
    CN?: string | string[];
    O?: string | string[];
  };
  return { commonName: [CN ?? ''].flat()[0] ?? '', organizations: [O ?? []].flat() };
}

/** The certificates of one API server; `hosts` are the names and addresses that clients reach it by. */
export async function createCertificates(options: { hosts: readonly string[]; now(): number }): Promise<Certificates> {
  const { hosts, now } = options;
  const ca = await createAuthority({ commonName: 'kubernetes', nowMs: now() });
  const subject = { commonName: 'kube-apiserver' };
  const serving = await issueCertificate(ca, {
    subject,
    usages: ['serverAuth'],
    hosts,
    nowMs: now(),
    validForMs: 10 * yearMs,
  });
  return {
    ca,
    serving,
    issueClient: ({ name, groups }, validForMs) =>
      issueCertificate(ca, {
        subject: { commonName: name, organizations: groups },
        usages: ['clientAuth'],
        nowMs: now(),
        validForMs,
      }),
  };
}
