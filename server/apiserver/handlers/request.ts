// A request as handlers see it, and what they answer: no sockets here.
import type { Discovery } from '../discovery.ts';
import type { OpenApi } from '../openapi.ts';
import type { Authorizer } from '../authorization.ts';
import type { ResourceRequest } from '../request-info.ts';
import type { RestContext } from '../rest/context.ts';
import type { TokenIssuer } from '../tokens.ts';
import type { Kind, RawAnswer, Subresource, UserInfo } from '../types.ts';
import type { WatchOptions } from '../watch.ts';

/** Everything that a server is made of, for its handlers. */
export interface ServerContext extends RestContext {
  discovery: Discovery;
  openApi: OpenApi;
  authorizer: Authorizer;
  tokens: TokenIssuer;
  gitVersion: string;
}

export interface ApiRequest {
  method: string;
  info: ResourceRequest;
  user: UserInfo;
  accept: string | undefined;
  contentType: string | undefined;
  userAgent: string;
  /** Empty when there is none. Throws 413. */
  readBody(): Promise<Buffer>;
  /** Adds a Warning header. */
  warn(message: string): void;
  /** Ends when the client is gone. */
  signal: AbortSignal;
}

/** A request whose resource is known. */
export interface KindRequest extends ApiRequest {
  kind: Kind;
  subresource: Subresource | undefined;
}

export type Answer =
  | { type: 'object'; code: number; object: object; format: 'json' | 'yaml' }
  | { type: 'text'; code: number; contentType: string; text: string | Uint8Array }
  | { type: 'raw'; raw: RawAnswer }
  | { type: 'watch'; options: WatchOptions };

export const answerText = (text: string, code = 200): Answer => ({
  type: 'text',
  code,
  contentType: 'text/plain; charset=utf-8',
  text,
});

export const answerObject = (object: object, code = 200, format: 'json' | 'yaml' = 'json'): Answer => ({
  type: 'object',
  code,
  object,
  format,
});
